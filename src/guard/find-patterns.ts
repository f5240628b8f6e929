import { parsePhoneNumberFromString } from 'libphonenumber-js'
import validator from 'validator'
import { skeletonLetters } from './matching/skeleton.ts'
import type { PrivateKind, PrivateValue } from './private-value.ts'

interface Pattern {
  readonly kind: PrivateKind
  /** What looks like one. */
  readonly candidate: RegExp
  /** Whether it is one, by its checksum where it has one. */
  readonly isOne: (text: string) => boolean
}

/** National ids with a checksum; those without are any number. */
const ID_LOCALES = ['ES', 'FI', 'IN', 'NO', 'PL', 'zh-CN', 'zh-TW'] as const

const patterns: readonly Pattern[] = [
  {
    kind: 'phone',
    candidate: /(?<![\p{L}\p{N}])\+\d[\d ()./-]{6,24}\d/gu,
    isOne: (text) => parsePhoneNumberFromString(text)?.isValid() ?? false,
  },
  {
    kind: 'email',
    candidate: /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,250}[\p{L}\p{N}])/gu,
    isOne: (text) => validator.isEmail(text),
  },
  {
    kind: 'number',
    candidate: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,30}\b/g,
    isOne: (text) => validator.isIBAN(text),
  },
  {
    kind: 'number',
    candidate: /(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d.,-]*\d)/g,
    isOne: (text) => validator.isCreditCard(text),
  },
  {
    kind: 'number',
    candidate: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g,
    isOne: (text) => /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text),
  },
  {
    kind: 'number',
    candidate: /(?<![\p{L}\p{N}-])(?=[\p{L}\d-]*\d{5})[A-Z\d][A-Z\d-]{7,18}(?![\p{L}\p{N}-])/gu,
    isOne: (text) => ID_LOCALES.some((locale) => validator.isIdentityCard(text, locale)),
  },
]

const URL_CANDIDATE = /\bhttps?:\/\/[^\s<>"'`)\]}]{3,2000}/gi
const LEAST_HANDLE = 4

/**
 * Addresses of e-mail, bank accounts, cards, national ids, international telephone numbers, and URLs that
 * hold one of `handles`.
 */
export function findPatterns(text: string, handles: readonly string[] = []): PrivateValue[] {
  const found: PrivateValue[] = []
  const add = (kind: PrivateKind, value: string) => found.push({ kind, value, forms: [] })
  for (const { kind, candidate, isOne } of patterns) {
    for (const [match] of text.matchAll(candidate)) if (isOne(match)) add(kind, match)
  }
  const wanted = handles.map(skeletonLetters).filter((letters) => letters.length >= LEAST_HANDLE)
  for (const [url] of wanted.length === 0 ? [] : text.matchAll(URL_CANDIDATE)) {
    const letters = skeletonLetters(url)
    if (wanted.some((handle) => letters.includes(handle))) add('url', url.replace(/[.,;:!?]+$/, ''))
  }
  return found
}
