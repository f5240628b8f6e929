import { GatewayError } from '../../gateway-error.ts'
import { goesOnWithWord } from '../../guard/matching/form-matcher.ts'
import type { FormMatch } from '../../guard/matching/match-state.ts'
import { unguarded } from '../../guard/public.ts'
import type { TokenId } from '../token-id.ts'
import type { DecodeGuard } from './decode-guard.ts'
import type { PublicTokens } from './public-tokens.ts'
import { beginReading, type ReadToken, type ReadTokens, readToken } from './read-token.ts'

/** Tokens of the prompt, from its end, with which an answer's beginning could make up a form. */
const READ_PROMPT = 256
/** Rewritings after which a text must hold no form. */
const MOST_ROUNDS = 8

/** A token as the client reads it. */
interface RealToken {
  readonly read: ReadToken
  /** How many public tokens of the answer stand before it. */
  readonly publicBefore: number
  /** Whether it goes on with a text in which an alias was put, so that nothing can be cut off before it. */
  isInside: boolean
}

/**
 * The upstream's view of an answer: the client's tokens, with an alias in place of each private form as soon
 * as that is whole, and of a longer one that holds it as soon as that is. So no prefix of it holds one.
 */
export class PublicSequence {
  readonly #tokens: TokenId[]
  readonly #promptTokens: number
  readonly #guard: DecodeGuard | null
  readonly #begin: ReadTokens | null
  /** Of the answer's public tokens. */
  #taken: ReadToken[] = []
  readonly #real: RealToken[] = []
  /** Whether both views are the same so far. */
  #isSame = true
  /** The forms in the client's view for which an alias stands. */
  readonly #replaced: FormMatch[] = []
  /** Whether a form became whole with the last token, and ends there. */
  #endsForm = false

  constructor(prompt: PublicTokens, guard: DecodeGuard | null) {
    this.#tokens = [...prompt]
    this.#promptTokens = prompt.length
    this.#guard = guard
    let read = guard === null ? null : beginReading(guard)
    if (guard !== null && read !== null) {
      for (const token of prompt.slice(-READ_PROMPT)) read = readToken(guard, read, token).read
    }
    this.#begin = read
  }

  /** The prompt's tokens and the public ones of the answer. */
  get tokens(): PublicTokens {
    return unguarded([...this.#tokens])
  }

  /** How many there are. */
  get length(): number {
    return this.#tokens.length
  }

  /** The public ones of the answer. */
  get answer(): readonly TokenId[] {
    return this.#tokens.slice(this.#promptTokens)
  }

  /** Goes on with a token of the client's view; returns whether it is the upstream's next one, too. */
  take(token: TokenId): boolean {
    const guard = this.#guard
    if (guard === null) {
      this.#tokens.push(token)
      return true
    }
    const publicBefore = this.#taken.length
    const last = this.#real.at(-1)
    const pushed = this.#push(guard, token)
    const real = this.#isSame ? pushed : readToken(guard, this.#readBefore(last), token)
    this.#real.push({ read: real, publicBefore, isInside: false })
    const longer = this.#longerForm(real)
    const { read, found, atEnd } = longer === null ? pushed : { ...real, found: [longer], atEnd: [] }
    const whole = [...found, ...atEnd]
    this.#endsForm = read.pending.length === 0 && whole.some(({ end }) => end === read.match.length)
    if (whole.length === 0) return true
    this.#isSame = false
    this.#rewrite(guard, longer === null ? whole : this.#replaceReal(guard, longer))
    return false
  }

  /** Whether a word may begin here. */
  get atBorder(): boolean {
    return (this.#taken.at(-1)?.read ?? this.#begin)?.match.atBorder ?? true
  }

  /** Whether a token would complete a form that an earlier one has begun. */
  completes(token: TokenId): boolean {
    const guard = this.#guard
    if (guard === null) return false
    const before = this.#taken.at(-1)?.read ?? (this.#begin as ReadTokens)
    const { found, atEnd } = readToken(guard, before, token)
    return [...found, ...atEnd].some(({ start }) => start < before.match.length)
  }

  /** Whether a token would go on with the word that ends a form, which may make it another one. */
  lengthens(token: TokenId): boolean {
    if (this.#guard === null || !this.#endsForm) return false
    return goesOnWithWord(new TextDecoder().decode(this.#guard.vocabulary.bytes(token)))
  }

  /** The sequence with tokens behind it; null where they, or a beginning of them, make up a form. */
  followedBy(tokens: readonly TokenId[]): PublicTokens | null {
    return this.mayBeFollowedBy(tokens) ? unguarded([...this.#tokens, ...tokens]) : null
  }

  /** Whether neither they nor a beginning of them make up a form. */
  mayBeFollowedBy(tokens: readonly TokenId[]): boolean {
    const guard = this.#guard
    if (guard === null) return true
    let read = this.#taken.at(-1)?.read ?? (this.#begin as ReadTokens)
    return tokens.every((token) => {
      const next = readToken(guard, read, token)
      read = next.read
      return next.found.length === 0 && next.atEnd.length === 0
    })
  }

  #push(guard: DecodeGuard, token: TokenId): ReadToken {
    const before = this.#taken.at(-1)?.read ?? (this.#begin as ReadTokens)
    const one = readToken(guard, before, token)
    this.#taken.push(one)
    this.#tokens.push(token)
    return one
  }

  #readBefore(real: RealToken | undefined): ReadTokens {
    return real?.read.read ?? (this.#begin as ReadTokens)
  }

  /** A form of the client's view that holds others for which an alias stands already; null for none. */
  #longerForm({ found, atEnd }: ReadToken): FormMatch | null {
    const [first] = [...found, ...atEnd].toSorted(byPlace)
    const begins = (this.#begin as ReadTokens).match.length
    if (first === undefined || first.start < begins) return null
    if (this.#replaced.some(({ start, end }) => start < first.start && first.start < end)) return null
    const isLonger = this.#replaced.some(
      ({ form, start, end }) => form !== first.form && first.start <= start && end <= first.end,
    )
    this.#replaced.push(first)
    return isLonger ? first : null
  }

  #rewrite(guard: DecodeGuard, matches: readonly FormMatch[]): void {
    let found = matches
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const [first] = found.toSorted(byPlace)
      if (first === undefined) return
      found = this.#replace(guard, first)
    }
    throw stillPrivate()
  }

  /** Puts an alias into a form's place; returns the forms that the text then holds. */
  #replace(guard: DecodeGuard, { form, start, end }: FormMatch): readonly FormMatch[] {
    const from = this.#tokenAt(start)
    const kept = this.#taken.slice(0, from)
    const textFrom = kept.at(-1)?.read.match.length ?? (this.#begin as ReadTokens).match.length
    const text = this.#taken
      .slice(from)
      .map((taken) => taken.text)
      .join('')
    // What stands in the prompt is sent already
    const place = { start: Math.max(0, start - textFrom), end: end - textFrom }
    return this.#put(guard, withAlias(guard, text, { form, ...place }), kept.length)
  }

  /** The same for a form of the client's view, with all that stands there for what it holds. */
  #replaceReal(guard: DecodeGuard, { form, start, end }: FormMatch): readonly FormMatch[] {
    let from = this.#real.findIndex(({ read }) => read.read.match.length > start)
    const isCut = (index: number) =>
      this.#real[index]?.isInside === false && this.#readBefore(this.#real[index - 1]).pending.length === 0
    while (from > 0 && !isCut(from)) from--
    const textFrom = this.#readBefore(this.#real[from - 1]).match.length
    const text = this.#real
      .slice(from)
      .map(({ read }) => read.text)
      .join('')
    const place = { start: start - textFrom, end: end - textFrom }
    return this.#put(guard, withAlias(guard, text, { form, ...place }), this.#real[from]?.publicBefore ?? 0)
  }

  /** Puts a text behind so many of the answer's public tokens; returns the forms that it makes up. */
  #put(guard: DecodeGuard, text: string, keptTokens: number): readonly FormMatch[] {
    this.#taken = this.#taken.slice(0, keptTokens)
    this.#tokens.length = this.#promptTokens + keptTokens
    for (const real of this.#real) if (real.publicBefore > keptTokens) real.isInside = true
    const pushed = guard.encode(text).map((token) => this.#push(guard, token))
    return [...pushed.flatMap(({ found }) => found), ...(pushed.at(-1)?.atEnd ?? [])]
  }

  /**
   * The answer's token in which the character at `offset` begins, or the first one behind a character cut
   * off.
   */
  #tokenAt(offset: number): number {
    let index = this.#taken.findIndex(({ read }) => read.match.length > offset)
    if (index < 0) index = this.#taken.length - 1
    while (index > 0 && (this.#taken[index - 1]?.read.pending.length ?? 0) > 0) index--
    return index
  }
}

function withAlias(guard: DecodeGuard, text: string, { form, start, end }: FormMatch): string {
  return text.slice(0, start) + guard.aliasFor(form, text.slice(start, end)) + text.slice(end)
}

/** The first one first, and of those that begin together the longest. */
function byPlace(a: FormMatch, b: FormMatch): number {
  return a.start - b.start || b.end - a.end
}

function stillPrivate(): GatewayError {
  const message =
    'A private value could not be kept out of what the upstream reads. Declare it with other forms.'
  return new GatewayError('invalid_request', message)
}
