// Aliases: what stands in a private value's place. This room owns what they look like. It must not know where
// they are used.

import { LONG_LETTERS } from '../matching/form-matcher.ts'
import { allForms, type PrivateKind, type PrivateValue } from '../private-value.ts'
import {
  commonNouns,
  conditions,
  givenNames,
  isDesignator,
  isParticle,
  months,
  placeNames,
  surnames,
} from './alias-words.ts'
import type { KeyedChoice } from './keyed-choice.ts'

/** A form of a private value, and what stands in its place. */
export interface AliasedForm {
  readonly kind: PrivateKind
  readonly real: string
  readonly alias: string
}

const PART = /\p{L}[\p{L}\p{M}]*|\p{N}+|[^\p{L}\p{N}]+/gu
/** Such as a state's behind a town. */
const ABBREVIATION = /^\p{Lu}{2,3}$/u
const VOWEL = /^[aeiou]/i
/** Fewer with the right beginning are no choice. */
const LEAST_CHOICE = 5

/**
 * An alias for each form of a value: of the same kind, with as many words and digits, and the same word for
 * the same word in all forms. So whoever reads the aliases can tell which forms belong together, and no
 * more. `keepsWords`: those that say what something is, such as "Street", unless they are a form themselves.
 */
export function aliasOf(
  value: PrivateValue,
  choice: KeyedChoice,
  { keepsWords = true }: { readonly keepsWords?: boolean } = {},
): AliasedForm[] {
  const maker = new AliasMaker(value, choice, keepsWords)
  return allForms(value).map((real) => ({ kind: value.kind, real, alias: maker.alias(real) }))
}

interface PartOfForm {
  /** What stands right behind the part. */
  readonly behind: string
  /** Whether the form has no word but those that say what something is. */
  readonly everyWord: boolean
  /** Whether not all of the form is in capitals. */
  readonly isMixed: boolean
}

class AliasMaker {
  readonly #kind: PrivateKind
  readonly #choice: KeyedChoice
  readonly #isKept: (word: string) => boolean
  readonly #words = new Map<string, string>()
  readonly #lastWord: string

  constructor(value: PrivateValue, choice: KeyedChoice, keepsWords: boolean) {
    this.#kind = value.kind
    this.#choice = choice
    const isSaying = value.kind === 'person' ? isParticle : isDesignator
    const forms = new Set(allForms(value).map((form) => form.toLowerCase()))
    this.#isKept = (word) => keepsWords && isSaying(word) && !forms.has(word.toLowerCase())
    const names = this.#wordsOf(value.value)
    this.#lastWord = names.length > 1 ? (names.at(-1) ?? '').toLowerCase() : ''
    this.alias(value.value)
  }

  alias(form: string): string {
    if (this.#kind === 'health')
      return inCaseOf(
        form,
        this.#known(form, () => this.#choice.of(conditions)),
      )
    const parts = form.match(PART) ?? []
    const everyWord = this.#wordsOf(form).length === 0
    const isMixed = form !== form.toUpperCase()
    return parts
      .map((part, index) => this.#part(part, { behind: parts[index + 1] ?? '', everyWord, isMixed }))
      .join('')
  }

  #part(part: string, { behind, everyWord, isMixed }: PartOfForm): string {
    if (/^\p{N}/u.test(part)) return this.#known(part, () => this.#digits(part))
    if (!/^\p{L}/u.test(part)) return part
    if (this.#kind === 'date') return this.#month(part)
    if (!everyWord && this.#isKept(part)) return part
    if ([...part].length === 1) return this.#initial(part, behind)
    if (this.#kind === 'number' || (isMixed && ABBREVIATION.test(part))) return this.#letters(part)
    return inCaseOf(
      part,
      this.#known(part, () => this.#word(part)),
    )
  }

  #known(part: string, make: () => string): string {
    const key = part.toLowerCase()
    const made = this.#words.get(key) ?? make()
    this.#words.set(key, made)
    return made
  }

  #word(word: string): string {
    const all = this.#wordList(word)
    // A form that is found inside words needs an alias that is, too
    const list = word.length < LONG_LETTERS ? all : all.filter(({ length }) => length >= LONG_LETTERS)
    const alike = list.filter((other) => VOWEL.test(other) === VOWEL.test(word))
    return this.#choice.of(alike.length >= LEAST_CHOICE ? alike : list)
  }

  #wordList(word: string): readonly string[] {
    switch (this.#kind) {
      case 'person':
        return word.toLowerCase() === this.#lastWord ? surnames : givenNames
      case 'place':
      case 'address':
        return placeNames
      case 'organisation':
      case 'email':
      case 'url':
        return surnames
      default:
        return /^\p{Lu}/u.test(word) ? surnames : commonNouns
    }
  }

  /** That of the word that it stands for. */
  #initial(letter: string, behind: string): string {
    const own = [...this.#words].find(([word]) => word.length > 1 && word.startsWith(letter.toLowerCase()))
    if (behind.startsWith('.') && own !== undefined) return inCaseOf(letter, own[1].slice(0, 1))
    return this.#letters(letter)
  }

  #letters(letters: string): string {
    return this.#known(letters, () => {
      const other = [...letters].map(() => String.fromCharCode(97 + this.#choice.below(26))).join('')
      return inCaseOf(letters, other)
    })
  }

  #digits(digits: string): string {
    if (this.#kind === 'date') return this.#dateDigits(digits)
    const first = /^0/.test(digits) ? '0' : String(1 + this.#choice.below(9))
    return first + Array.from(digits.slice(1), () => this.#choice.below(10)).join('')
  }

  /** A year of the same century, or a day or month that every calendar has. */
  #dateDigits(digits: string): string {
    const century = /^(?:19|20)(?=\d\d$)/.exec(digits)?.[0]
    if (century === '19') return `19${40 + this.#choice.below(60)}`
    if (century === '20') return `20${String(this.#choice.below(26)).padStart(2, '0')}`
    return String(1 + this.#choice.below(digits.length === 1 ? 9 : 12)).padStart(digits.length, '0')
  }

  /** Those that are not kept. */
  #wordsOf(text: string): string[] {
    return (text.match(/\p{L}[\p{L}\p{M}]+/gu) ?? []).filter((word) => !this.#isKept(word))
  }

  #month(word: string): string {
    const isShort = word.length === 3
    const isMonth = months.some(
      (month) => month.slice(0, isShort ? 3 : 12).toLowerCase() === word.toLowerCase(),
    )
    if (!isMonth) return word
    const other = this.#known(word, () => this.#choice.of(months))
    return inCaseOf(word, isShort ? other.slice(0, 3) : other)
  }
}

/** `text` in the case of `model`: upper, lower, or as it is. */
export function inCaseOf(model: string, text: string): string {
  if (model === model.toLowerCase() && model !== model.toUpperCase()) return text.toLowerCase()
  const isUpper = model === model.toUpperCase() && model !== model.toLowerCase()
  if (isUpper && (model.match(/\p{L}/gu)?.length ?? 0) > 1) return text.toUpperCase()
  return text === text.toLowerCase() && /^\p{Lu}/u.test(model)
    ? text.slice(0, 1).toUpperCase() + text.slice(1)
    : text
}
