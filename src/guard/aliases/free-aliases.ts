import type { SlicedWork } from '../../sliced-work.ts'
import { beginsEscape } from '../matching/escapes.ts'
import { FormMatcher } from '../matching/form-matcher.ts'
import { spellings } from '../matching/form-trie.ts'
import { skeletonLetters } from '../matching/skeleton.ts'
import type { PrivateValue } from '../private-value.ts'
import type { AliasedForm } from './alias-of.ts'

interface FreeAliasesOptions {
  /** In which no alias may stand. */
  readonly texts: readonly string[]
  /** The aliases of a value that are tried for the `count`-th time, from 0 on. */
  readonly attempt: (value: PrivateValue, count: number) => readonly AliasedForm[]
  /** Whether aliases may be a value's, whatever else there is. */
  readonly isOwn: (forms: readonly AliasedForm[]) => boolean
  readonly mostAttempts: number
}

interface Attempt {
  readonly forms: readonly AliasedForm[]
  /** Whether they may be the value's and stand in no text. */
  isFree: boolean
}

/**
 * Aliases that stand in no text and are not taken. The texts may be long and the values many: whether aliases
 * stand in the texts is looked up for many at a time.
 */
export class FreeAliases {
  readonly #values: readonly PrivateValue[]
  readonly #options: FreeAliasesOptions
  /** What was tried of each value, from its first attempt on. */
  readonly #attempts: Attempt[][]
  /** The next values whose next attempts are looked up beside one that needs another. */
  #beside = 0
  readonly #taken: string[] = []
  readonly #takenForms = new FormMatcher([])
  /** The letters of those taken, in which another one may stand. */
  #takenLetters = ''
  /** Those taken in which an escape may say other letters. */
  readonly #escaping: string[] = []

  constructor(values: readonly PrivateValue[], options: FreeAliasesOptions) {
    this.#values = values
    this.#options = options
    this.#attempts = values.map(() => [])
  }

  /** The first free aliases of a value, which are taken then; null where none were found. */
  *take(index: number): SlicedWork<readonly AliasedForm[] | null> {
    const attempts = this.#attempts[index] as Attempt[]
    for (let count = 0; count < this.#options.mostAttempts; count++) {
      if (attempts.length === count) yield* this.#lookUp(index)
      const { forms, isFree } = attempts[count] as Attempt
      if (!isFree || (yield* this.#clashes(forms))) continue
      for (const { alias } of forms) this.#add(alias)
      return forms
    }
    return null
  }

  /** Finds out which further attempts stand in the texts: of all values, then of those that need more. */
  *#lookUp(index: number): SlicedWork<void> {
    const isFirst = this.#attempts[index]?.length === 0
    const last = isFirst ? this.#values.length : index + 1 + this.#beside
    if (!isFirst) this.#beside = 2 * this.#beside + 1
    const matcher = new FormMatcher([])
    const looked: Attempt[] = []
    for (let at = index; at < Math.min(last, this.#values.length); at++) {
      const known = this.#attempts[at] as Attempt[]
      for (const attempt of this.#further(at, at === index ? Math.max(1, known.length) : 1)) {
        known.push(attempt)
        if (attempt.isFree) {
          for (const { alias } of attempt.forms) matcher.add(looked.length, alias)
          looked.push(attempt)
        }
        yield
      }
    }
    for (const text of looked.length === 0 ? [] : this.#options.texts) {
      yield* matcher.telling(text, ({ form }) => {
        const stands = looked[form]
        if (stands !== undefined) stands.isFree = false
        return false
      })
    }
  }

  *#further(at: number, count: number): Generator<Attempt> {
    const { attempt, isOwn } = this.#options
    const value = this.#values[at] as PrivateValue
    const from = this.#attempts[at]?.length ?? 0
    for (let next = from; next < from + count; next++) {
      const forms = attempt(value, next)
      yield { forms, isFree: isOwn(forms) }
    }
  }

  /** Whether one of the aliases holds one that is taken, or stands in one. */
  *#clashes(forms: readonly AliasedForm[]): SlicedWork<boolean> {
    const aliases = forms.map(({ alias }) => alias)
    if (aliases.some((alias) => this.#takenForms.find(alias).length > 0)) return true
    const own = new FormMatcher(aliases)
    const mayStand = aliases
      .flatMap(spellings)
      .some((one) => this.#takenLetters.includes(skeletonLetters(one)))
    for (const taken of mayStand ? this.#taken : this.#escaping) {
      if (own.find(taken).length > 0) return true
      yield
    }
    return false
  }

  #add(alias: string): void {
    this.#takenForms.add(this.#taken.length, alias)
    this.#taken.push(alias)
    this.#takenLetters += `${skeletonLetters(alias)}\n`
    if ([...alias].some(beginsEscape)) this.#escaping.push(alias)
  }
}
