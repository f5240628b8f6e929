import type { Guard } from '../../guard/guard.ts'
import type { FormMatch } from '../../guard/matching/match-state.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import {
  beginReading,
  type Reader,
  type ReadToken,
  type ReadTokens,
  readToken,
} from '../../steer/guard/read-token.ts'
import type { TokenLogprob } from '../../steer/sampling/token-selector.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { EmittedToken } from '../answering/answer-pieces.ts'

type AliasReader = Pick<Guard, 'aliasForms' | 'realFor'>

/** A token of the upstream, read where it stands. */
interface PlacedToken {
  readonly token: EmittedToken
  readonly before: ReadTokens
  readonly read: ReadToken
}

/** Tokens of which some make up an alias, with those aliases; a token that stays is one with none. */
interface Stretch {
  readonly placed: PlacedToken[]
  readonly aliases: FormMatch[]
}

/**
 * The tokens of an answer as the client reads them: in the place of an alias stand those of the value, with
 * the alias's probability, and an alternative that begins one is the beginning of the value. Behind the first
 * token of such a value each is its own alternative: the upstream's belong to its own word.
 */
export class RestoredTokens {
  readonly #guard: AliasReader
  readonly #decode: DecodeGuard
  readonly #reader: Reader
  #read: ReadTokens

  constructor({ guard, decode }: { readonly guard: AliasReader; readonly decode: DecodeGuard }) {
    this.#guard = guard
    this.#decode = decode
    this.#reader = { realForms: guard.aliasForms, vocabulary: decode.vocabulary }
    this.#read = beginReading(this.#reader)
  }

  /** Tokens behind those before, of which the last one ends no part of an alias. `isEnd`: and the text. */
  push(tokens: readonly EmittedToken[], { isEnd }: { readonly isEnd: boolean }): EmittedToken[] {
    const placed = tokens.map((token): PlacedToken => {
      const before = this.#read
      const read = readToken(this.#reader, before, token.token)
      this.#read = read.read
      return { token, before, read }
    })
    const told = this.#stretches(placed).flatMap((stretch) => this.#restored(stretch))
    if (isEnd) this.#read = beginReading(this.#reader)
    return told
  }

  #stretches(placed: readonly PlacedToken[]): Stretch[] {
    const last = placed.at(-1)
    const aliases = apart([...placed.flatMap(({ read }) => read.found), ...(last?.read.atEnd ?? [])])
    const stretches: Stretch[] = []
    let open: Stretch | null = null
    for (const one of placed) {
      const { length: start } = one.before.match
      const { length: end } = one.read.read.match
      const own = aliases.filter((alias) => alias.start < end && alias.start >= start)
      const goesOn: boolean =
        open !== null &&
        (one.before.pending.length > 0 ||
          open.aliases.some((alias) => alias.end > start && alias.start < end))
      if (open === null || !goesOn) {
        open = { placed: [], aliases: [] }
        stretches.push(open)
      }
      open.placed.push(one)
      open.aliases.push(...own)
    }
    return stretches
  }

  #restored({ placed, aliases }: Stretch): EmittedToken[] {
    const [first] = placed
    if (first === undefined) return []
    if (aliases.length === 0) return placed.map((one) => this.#withAlternatives(one, one.token))
    const text = this.#realText(
      placed.map(({ read }) => read.text).join(''),
      first.before.match.length,
      aliases,
    )
    const ids = this.#decode.encode(text)
    const logprobs = sharedOut(
      placed.map(({ token }) => token.logprob),
      ids.length,
    )
    return ids.map((token, at) => {
      const logprob = logprobs[at] ?? 0
      const one = { ...first.token, token, logprob }
      if (at === 0) return this.#withAlternatives(first, one)
      return { ...one, alternatives: [{ token, logprob }].slice(0, first.token.alternatives.length) }
    })
  }

  #realText(text: string, from: number, aliases: readonly FormMatch[]): string {
    let told = ''
    let at = 0
    for (const { form, start, end } of aliases) {
      told += text.slice(at, start - from) + this.#guard.realFor(form, text.slice(start - from, end - from))
      at = end - from
    }
    return told + text.slice(at)
  }

  /** `told`: what the client reads in the token's place. */
  #withAlternatives({ token, before }: PlacedToken, told: EmittedToken): EmittedToken {
    const shown = new Map<TokenId, number>()
    for (const one of token.alternatives) {
      const id = one.token === token.token ? told.token : this.#shown(one.token, before, told.token)
      if (id === null) continue
      const other = shown.get(id)
      shown.set(id, other === undefined ? one.logprob : Math.log(Math.exp(other) + Math.exp(one.logprob)))
    }
    if (shown.has(told.token)) shown.set(told.token, told.logprob)
    const alternatives = Array.from(shown, ([id, logprob]): TokenLogprob => ({ token: id, logprob }))
    return { ...told, alternatives: alternatives.toSorted((a, b) => b.logprob - a.logprob) }
  }

  /**
   * What the client reads where the upstream might have gone on with a token; null for the end of an alias
   * that earlier tokens have begun. `chosen` is what it reads there.
   */
  #shown(token: TokenId, before: ReadTokens, chosen: TokenId): TokenId | null {
    const { text, found, atEnd } = readToken(this.#reader, before, token)
    const from = before.match.length
    // Those that end with it, or in it
    const aliases = apart([...found, ...atEnd].filter(({ end }) => end > from))
    if (aliases.some(({ start }) => start < from)) return null
    if (aliases.length > 0) return this.#decode.encode(this.#realText(text, from, aliases))[0] ?? null
    const { vocabulary, aliasesBy } = this.#decode
    const lengthOf = (path: readonly TokenId[]) =>
      path.reduce((length, one) => length + vocabulary.bytes(one).length, 0)
    const begun = (aliasesBy.get(token) ?? []).filter((unit) => !unit.needsBorder || before.match.atBorder)
    // Other words begin as an alias does, but hardly with more than half of it
    const value =
      begun.find(({ tokens }) => tokens[0] === chosen) ??
      begun.find(({ path }) => 2 * vocabulary.bytes(token).length > lengthOf(path))
    return value?.tokens[0] ?? token
  }
}

/** Those that do not overlap: of two the first, and of those the longest. */
function apart(matches: readonly FormMatch[]): FormMatch[] {
  const told: FormMatch[] = []
  for (const match of matches.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (match.start >= (told.at(-1)?.end ?? 0)) told.push(match)
  }
  return told
}

/** Log-probabilities for so many tokens, which are as likely together. */
function sharedOut(logprobs: readonly number[], count: number): number[] {
  const shared = Array.from({ length: count }, (_, at) => logprobs[at] ?? 0)
  const rest = logprobs.slice(count).reduce((sum, one) => sum + one, 0)
  return shared.map((one, at) => (at === count - 1 ? one + rest : one))
}
