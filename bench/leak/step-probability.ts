import type { AnswerProgress } from '../../src/steer/channels/answer-progress.ts'
import { isClosedToken } from '../../src/steer/decoding/closed-token.ts'
import type { DecodeOptions } from '../../src/steer/decoding/decode.ts'
import { type GuardedPosition, opensGap, unitChoices } from '../../src/steer/decoding/emitted-unit.ts'
import { type LocalPlace, rowsBelow } from '../../src/steer/decoding/local-place.ts'
import type { Distribution } from '../../src/steer/distribution.ts'
import { AliasRow } from '../../src/steer/guard/alias-row.ts'
import { unitMasses } from '../../src/steer/guard/decide-unit.ts'
import type { DecodeGuard } from '../../src/steer/guard/decode-guard.ts'
import type { LocalRow } from '../../src/steer/local-pair.ts'
import { logSumExp } from '../../src/steer/log-sum-exp.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import { areSame, type ForcedStep } from './forced-steps.ts'

/** A position of a guarded answer, with all that decides what comes there. */
export interface ForcedPosition {
  readonly options: DecodeOptions
  readonly guard: DecodeGuard
  readonly progress: AnswerProgress
  readonly distribution: Distribution
  readonly place: LocalPlace
  /** An alias that is proposed with less than this is taken to be no alias, so that nobody is asked. */
  readonly leastAlias: number
}

/**
 * The probability that a guarded answer goes on with a step at temperature 1, as `settleStep` decides it:
 * that a token is proposed, and that the choices which follow from it end with the step. It is 0 for what is
 * closed. One difference: tokens outside the candidates share what the candidates leave (`proposals`). Notes
 * in `progress` what is closed behind the step.
 */
export async function stepProbability(position: ForcedPosition, step: ForcedStep): Promise<number> {
  const { guard, progress, place } = position
  const { row } = place
  const ways = waysTo(step, position)
  if (!progress.differs || guard.aliasesBy.size === 0) {
    const first = proposed(position, row)
    let sum = 0
    for (const token of ways) sum += first(token) * (await reached(position, step, token, null)).probability
    return sum
  }
  const first = proposed(position, new AliasRow(row, guard.aliasesBy))
  let sum = 0
  let alias = 0
  let notTaken = 0
  for (const token of new Set([...ways, ...aliasTokens(position)])) {
    const proposal = first(token)
    if (!guard.aliasesBy.has(token)) {
      sum += proposal * (await reached(position, step, token, null)).probability
      continue
    }
    const isAsked = ways.has(token) || proposal >= position.leastAlias
    const { units, rest } = isAsked ? await reached(position, step, token, null) : { units: 0, rest: 1 }
    sum += proposal * units
    alias += proposal
    notTaken += proposal * rest
  }
  if (notTaken === 0) return sum
  const again = secondDraws(position, { first, second: proposed(position, row), alias })
  for (const token of ways) {
    const probability = notTaken * again(token)
    if (probability === 0) continue
    const ordinary = guard.aliasesBy.has(token) ? token : null
    sum += probability * (await reached(position, step, token, ordinary)).probability
  }
  return sum
}

/**
 * The probability of each token where an alias was drawn first, and not taken. Both draws have the same
 * noise, so that the second one differs from the first only in what the aliases have gained or lost:
 * exactly so with one of them, and as a whole with several.
 */
function secondDraws(
  position: ForcedPosition,
  draws: {
    readonly first: (token: TokenId) => number
    readonly second: (token: TokenId) => number
    /** The probability that the first draw begins an alias. */
    readonly alias: number
  },
): (token: TokenId) => number {
  const { first, second, alias } = draws
  const { guard } = position
  const kept = (token: TokenId) => Math.min(first(token), second(token))
  const aliases = aliasTokens(position)
  const ordinarily = 1 - total(aliases.map(second))
  // What the aliases do not keep goes to the other tokens, each by its own probability
  const shared = ordinarily === 0 ? 0 : Math.max(0, 1 - total(aliases.map(kept)) / alias) / ordinarily
  return (token) => (guard.aliasesBy.has(token) ? kept(token) / alias : shared * second(token))
}

/** The tokens from whose proposal a step may follow. */
function waysTo({ tokens }: ForcedStep, { guard, distribution }: ForcedPosition): Set<TokenId> {
  const ways = new Set([tokens[0] as TokenId])
  const isStep = (units: DecodeGuard['valuesBy']) =>
    [...units].flatMap(([token, all]) => (all.some((unit) => areSame(unit.tokens, tokens)) ? [token] : []))
  for (const token of isStep(guard.aliasesBy)) ways.add(token)
  if (isStep(guard.valuesBy).length === 0) return ways
  for (const id of distribution.ids) if (opensGap(guard, tokenId(id))) ways.add(tokenId(id))
  return ways
}

function aliasTokens({ guard, distribution }: ForcedPosition): TokenId[] {
  return Array.from(distribution.ids, tokenId).filter((token) => guard.aliasesBy.has(token))
}

/**
 * What comes of a proposed token: that a unit with the step's tokens is emitted, that none is, and that the
 * step comes, which the token by itself may be.
 */
async function reached(
  { options, guard, progress, place }: ForcedPosition,
  { tokens }: ForcedStep,
  token: TokenId,
  ordinary: TokenId | null,
): Promise<{ units: number; rest: number; probability: number }> {
  const isStep = tokens.length === 1 && tokens[0] === token
  if (options.endTokens.has(token)) return { units: 0, rest: 1, probability: isStep ? 1 : 0 }
  const looked: GuardedPosition['progress'] = {
    differs: progress.differs,
    atBorder: progress.atBorder,
    isClosed: (other) => progress.isClosed(other),
    lengthens: (other) => progress.lengthens(other),
    followedBy: (path) => progress.followedBy(path),
    mayBeFollowedBy: (path) => progress.mayBeFollowedBy(path),
    close: (paths) => {
      if (isStep) progress.close(paths)
    },
  }
  const rowsBehind = (firsts: readonly TokenId[]) => rowsBelow(place, firsts)
  const guarded = { guard, progress: looked, place: () => place, rowsBehind }
  let units = 0
  let rest = 1
  for await (const choice of unitChoices(options, token, guarded, { row: place.row, ordinary })) {
    const masses = unitMasses(choice)
    const own = masses.filter((_, at) => areSame(choice[at]?.unit.tokens ?? [], tokens))
    units += rest * total(own)
    rest *= Math.max(0, 1 - total(masses))
    if (rest === 0) break
  }
  return { units, rest, probability: units + (isStep ? rest : 0) }
}

function proposed({ options, progress, distribution }: ForcedPosition, row: LocalRow) {
  const { vocabulary } = options.upstream
  const isClosed = (token: TokenId) => isClosedToken(token, progress, row)
  return proposals(distribution, { row, strength: options.steering.strength, isClosed, vocabulary })
}

/** Upstreams compute in float32. */
const LEAST_REST = 1e-6

/**
 * The steered probability of each token at temperature 1. What the upstream leaves outside its candidates is
 * spread evenly over the rest of the vocabulary and neither raised nor lowered; what is closed has none.
 */
export function proposals(
  { ids, logprobs, complete }: Distribution,
  {
    row,
    strength,
    vocabulary,
    isClosed = () => false,
  }: {
    readonly row: LocalRow
    readonly strength: number
    readonly vocabulary: { readonly size: number }
    readonly isClosed?: (token: TokenId) => boolean
  },
): (token: TokenId) => number {
  const scores = new Float64Array(ids.length + 1)
  row.deltasInto(ids, scores.subarray(0, ids.length))
  for (const [at, id] of ids.entries()) {
    const score = (logprobs[at] as number) + strength * (scores[at] as number)
    scores[at] = isClosed(tokenId(id)) ? Number.NEGATIVE_INFINITY : score
  }
  const left = Math.max(LEAST_REST, 1 - total(Array.from(logprobs, Math.exp)))
  const others = Math.max(1, vocabulary.size - ids.length)
  scores[ids.length] = complete ? Number.NEGATIVE_INFINITY : Math.log(left) + strength * row.neutralDelta
  const normaliser = logSumExp(scores)
  return (token) => {
    const at = ids.indexOf(token)
    if (at >= 0) return Math.exp((scores[at] as number) - normaliser)
    if (isClosed(token)) return 0
    return Math.exp((scores[ids.length] as number) - normaliser) / others
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
