import { parsePhoneNumberFromString } from 'libphonenumber-js'
import validator from 'validator'
import type { SlicedWork } from '../sliced-work.ts'
import { matchesIn, type TextPattern } from './matches-in.ts'
import { skeletonLetters } from './matching/skeleton.ts'
import type { PrivateKind, PrivateValue } from './private-value.ts'

interface Pattern {
  readonly kind: PrivateKind
  /** Those that look like one, in their order. */
  readonly candidates: (text: string) => SlicedMatches
  /** Whether it is one, by its checksum where it has one. */
  readonly isOne: (text: string) => boolean
}

type SlicedMatches = Generator<string | undefined, void, void>

/** National ids with a checksum; those without are any number. */
const ID_LOCALES = ['ES', 'FI', 'IN', 'NO', 'PL', 'zh-CN', 'zh-TW'] as const

function like(pattern: TextPattern): Pattern['candidates'] {
  return (text) => matchesIn(text, pattern)
}

const patterns: readonly Pattern[] = [
  {
    kind: 'phone',
    candidates: like({ like: /(?<![\p{L}\p{N}])\+\d[\d ()./-]{6,24}\d/gu, most: 27 }),
    isOne: (text) => parsePhoneNumberFromString(text)?.isValid() ?? false,
  },
  {
    kind: 'email',
    candidates: addressesIn,
    isOne: (text) => validator.isEmail(text),
  },
  {
    kind: 'number',
    candidates: like({ like: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,30}\b/g, most: 64 }),
    isOne: (text) => validator.isIBAN(text),
  },
  {
    kind: 'number',
    candidates: like({
      like: /(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![.,-]*\d)/g,
      most: 37,
      goesOn: /[.,-]*/y,
    }),
    isOne: (text) => validator.isCreditCard(text),
  },
  {
    kind: 'number',
    candidates: like({ like: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g, most: 11 }),
    isOne: (text) => /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text),
  },
  {
    kind: 'number',
    candidates: like({
      like: /(?<![\p{L}\p{N}-])(?=[\p{L}\d-]{0,14}\d{5})[A-Z\d][A-Z\d-]{7,18}(?![\p{L}\p{N}-])/gu,
      most: 19,
    }),
    isOne: (text) => ID_LOCALES.some((locale) => validator.isIdentityCard(text, locale)),
  },
]

/** By the sign in it, since nearly any word could begin one. */
const ADDRESS =
  /(?<=([\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}))@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,250}[\p{L}\p{N}])/uy

function* addressesIn(text: string): SlicedMatches {
  let before = 0
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', Math.max(at + 1, before))) {
    ADDRESS.lastIndex = at
    const match = ADDRESS.exec(text)
    const start = Math.max(before, at - (match?.[1]?.length ?? 0))
    if (match !== null && start < at) {
      before = at + match[0].length
      yield text.slice(start, before)
    }
    yield
  }
}

const urlCandidate = { like: /\bhttps?:\/\/[^\s<>"'`)\]}]{3,2000}/gi, most: 2008 }
const LEAST_HANDLE = 4

/**
 * Addresses of e-mail, bank accounts, cards, national ids, international telephone numbers, and URLs that
 * hold one of `handles`.
 */
export function* findPatterns(text: string, handles: readonly string[] = []): SlicedWork<PrivateValue[]> {
  const found: PrivateValue[] = []
  const add = (kind: PrivateKind, value: string) => found.push({ kind, value, forms: [] })
  for (const { kind, candidates, isOne } of patterns) {
    const judged = new Map<string, boolean>()
    for (const match of candidates(text)) {
      if (match !== undefined) {
        const is = judged.get(match) ?? isOne(match)
        judged.set(match, is)
        if (is) add(kind, match)
      }
      yield
    }
  }
  const wanted = handles.map(skeletonLetters).filter((letters) => letters.length >= LEAST_HANDLE)
  for (const url of wanted.length === 0 ? [] : matchesIn(text, urlCandidate)) {
    if (url !== undefined) {
      const letters = skeletonLetters(url)
      if (wanted.some((handle) => letters.includes(handle))) add('url', url.replace(/[.,;:!?]+$/, ''))
    }
    yield
  }
  return found
}
