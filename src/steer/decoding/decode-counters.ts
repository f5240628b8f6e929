import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'

/** What a decode loop counts while it runs, for one answer. */
export interface DecodeCounters {
  steeredTokens: number
  unsteeredTokens: number
  /**
   * The upstream's probability at candidates that had a delta of their own, [0, 1] for
   * each steered token, summed.
   */
  coveredMass: number
  /** Candidates of steered tokens that had a delta of their own, and those that had none: neutral ones. */
  knownCandidates: number
  neutralCandidates: number
  /** Steps in which a token outside the candidates might have won. */
  uncertifiedSteps: number
  acceptedGuesses: number
  rejectedGuesses: number
  /**
   * log2 of how much likelier steering made the tokens that it chose, summed: the bits that the choice tells
   * about the profile.
   */
  leakBits: number
  /** Requests for distributions or streams; a batch counts each of its prefixes. */
  upstreamQueries: number
  /**
   * Queries in flight when a steered token was settled, summed over these tokens: how
   * wide lookahead opened its window.
   */
  inFlightAtTokens: number
  /** Steered tokens that lookahead decoded without guesses, which had slowed it down. */
  throttledTokens: number
}

/** Counters of an answer that has not begun. */
export function newDecodeCounters(): DecodeCounters {
  return {
    steeredTokens: 0,
    unsteeredTokens: 0,
    coveredMass: 0,
    knownCandidates: 0,
    neutralCandidates: 0,
    uncertifiedSteps: 0,
    acceptedGuesses: 0,
    rejectedGuesses: 0,
    leakBits: 0,
    upstreamQueries: 0,
    inFlightAtTokens: 0,
    throttledTokens: 0,
  }
}

/** Counts the candidates of a token that was steered at `row`. */
export function countCandidates(
  counters: DecodeCounters,
  row: LocalRow,
  { ids, logprobs }: Distribution,
): void {
  if (row.knows === undefined) {
    counters.coveredMass++
    counters.knownCandidates += ids.length
    return
  }
  let all = 0
  let covered = 0
  let known = 0
  for (let i = 0; i < ids.length; i++) {
    const probability = Math.exp(logprobs[i] as number)
    all += probability
    if (!row.knows(ids[i] as number)) continue
    covered += probability
    known++
  }
  counters.coveredMass += all > 0 ? covered / all : 0
  counters.knownCandidates += known
  counters.neutralCandidates += ids.length - known
}
