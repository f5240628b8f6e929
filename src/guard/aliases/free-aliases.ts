import type { SlicedWork } from '../../sliced-work.ts'
import { FormMatcher } from '../matching/form-matcher.ts'
import type { AliasedForm } from './alias-of.ts'

interface FreeAliasesOptions {
  /** In which no alias may stand. */
  readonly texts: readonly string[]
  /** The aliases of the value at an index that are tried for the `count`-th time, from 0 on. */
  readonly attempt: (index: number, count: number) => readonly AliasedForm[]
  /** Whether aliases may be a value's, whatever else there is. */
  readonly isOwn: (forms: readonly AliasedForm[]) => boolean
  readonly mostAttempts: number
}

/** Each costs a search of all texts: after so many, each value gets another attempt to spare. */
const LOOK_UPS = 4

/** A text that was tried as an alias, for as many values as came upon it. */
interface TriedAlias {
  readonly alias: string
  /** Whether it stands in no text and clashes with none that is taken. */
  isFree: boolean
  isTaken: boolean
  /** Whether a value will take it if it is free. */
  isWanted: boolean
}

interface Attempt {
  readonly forms: readonly AliasedForm[]
  /** The aliases of the forms; null where they may not be the value's. */
  readonly tried: readonly TriedAlias[] | null
  /** Whether no value before wants one of them, or one that stands in it. */
  readonly isFirst: boolean
}

/**
 * Aliases that stand in no text and are not taken. The texts may be long and the values many: whether aliases
 * stand in the texts is looked up for many at a time.
 */
export class FreeAliases {
  readonly #options: FreeAliasesOptions
  /** What was tried of each value, from its first attempt on. */
  readonly #attempts: Attempt[][]
  #lookUps = 0
  readonly #taken: TriedAlias[] = []
  readonly #tried: TriedAlias[] = []
  readonly #known = new Map<string, TriedAlias>()
  /** Finds those that were tried, by their index. */
  readonly #triedForms = new FormMatcher([])

  /** For so many values. */
  constructor(count: number, options: FreeAliasesOptions) {
    this.#options = options
    this.#attempts = Array.from({ length: count }, () => [])
  }

  /** The first free aliases of a value, which are taken then; null where none were found. */
  *take(index: number): SlicedWork<readonly AliasedForm[] | null> {
    const attempts = this.#attempts[index] as Attempt[]
    for (let count = 0; count < this.#options.mostAttempts; count++) {
      if (attempts.length === count) yield* this.#lookUp(index)
      yield
      const attempt = attempts[count] as Attempt
      if (!isFree(attempt)) continue
      const standing = attempt.tried.map(({ alias }) => this.#standingIn(alias))
      if (standing.some((ones) => ones.some(({ isTaken }) => isTaken))) continue
      for (const [at, one] of attempt.tried.entries()) this.#take(one, standing[at] ?? [])
      attempts.length = 0
      return attempt.forms
    }
    return null
  }

  /**
   * Finds out which further attempts are free, of this value and of all behind it that need others. A value
   * that comes upon an alias which one before wants needs another, most likely.
   */
  *#lookUp(index: number): SlicedWork<void> {
    const from = this.#tried.length
    const spare = Math.floor(this.#lookUps++ / LOOK_UPS)
    for (let at = index; at < this.#attempts.length; at++) {
      const known = this.#attempts[at] as Attempt[]
      const least = at === index ? 2 * known.length : known.length
      let hopeful = known.filter(isHopeful).length
      while (known.length < this.#options.mostAttempts && (known.length < least || hopeful <= spare)) {
        const attempt = this.#attempt(at, known.length)
        known.push(attempt)
        if (isHopeful(attempt)) hopeful++
        yield
      }
      yield
    }
    const looked = this.#tried.slice(from)
    if (looked.length > 0) yield* this.#judge(looked, yield* this.#matcherFrom(from))
  }

  /** Finds those that were tried from one on. */
  *#matcherFrom(from: number): SlicedWork<FormMatcher> {
    if (from === 0) return this.#triedForms
    return yield* FormMatcher.making(this.#tried.slice(from).map(({ alias }) => alias))
  }

  /** Finds out which of the aliases stand in the texts, or in those that are taken; `matcher` finds them. */
  *#judge(looked: readonly TriedAlias[], matcher: FormMatcher): SlicedWork<void> {
    const stands = ({ form }: { readonly form: number }) => {
      const found = looked[form]
      if (found !== undefined) found.isFree = false
      return false
    }
    for (const text of this.#options.texts) yield* matcher.telling(text, stands)
    for (const { alias } of this.#taken) yield* matcher.telling(alias, stands)
  }

  #attempt(at: number, count: number): Attempt {
    const { attempt, isOwn } = this.#options
    const forms = attempt(at, count)
    if (!isOwn(forms)) return { forms, tried: null, isFirst: false }
    const tried = forms.map(({ alias }) => this.#triedAlias(alias))
    const isWanted = ({ alias }: TriedAlias) => this.#standingIn(alias).some((one) => one.isWanted)
    const isFirst = tried.every((one) => one.isFree && !isWanted(one))
    if (isFirst) for (const one of tried) one.isWanted = true
    return { forms, tried, isFirst }
  }

  #triedAlias(alias: string): TriedAlias {
    const known = this.#known.get(alias)
    if (known !== undefined) return known
    const tried = { alias, isFree: true, isTaken: false, isWanted: false }
    this.#known.set(alias, tried)
    this.#triedForms.add(this.#tried.push(tried) - 1, alias)
    return tried
  }

  /** No other may be one of those that stand in it. */
  #take(one: TriedAlias, standing: readonly TriedAlias[]): void {
    for (const other of standing) other.isFree = false
    one.isFree = false
    one.isTaken = true
    this.#taken.push(one)
  }

  #standingIn(alias: string): TriedAlias[] {
    return this.#triedForms.find(alias).map(({ form }) => this.#tried[form] as TriedAlias)
  }
}

type FreeAttempt = Attempt & { readonly tried: readonly TriedAlias[] }

function isFree(attempt: Attempt): attempt is FreeAttempt {
  return attempt.tried?.every((one) => one.isFree) ?? false
}

function isHopeful(attempt: Attempt): boolean {
  return attempt.isFirst && isFree(attempt)
}
