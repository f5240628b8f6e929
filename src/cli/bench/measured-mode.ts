import { quantile } from './quantile.ts'
import type { TimedAnswer, TimedToken } from './timed-answer.ts'

/** An answer as far as its speed and cost are concerned. */
export type MeasuredAnswer = Pick<TimedAnswer, 'tokens' | 'cost'>

/** How one way to answer did over all prompts. Milliseconds. */
export interface MeasuredMode {
  readonly tokens: number
  readonly tokensPerSecond: number
  /** Mean time of each token after the first. */
  readonly msPerToken: number
  /** Time to first token, of the prompts: median and 95th percentile. */
  readonly firstTokenMs: number
  readonly firstTokenP95: number
  /** Of the times between tokens. */
  readonly p50: number
  readonly p95: number
  /** Mean of the answers, in the currency of the upstream's price; left out where it has none. */
  readonly cost?: number
}

/** Sums up answers, of which those of fewer than two tokens tell nothing about speed. */
export function measuredMode(timed: readonly MeasuredAnswer[]): MeasuredMode {
  const answers = timed.map(({ tokens }) => tokens)
  const costs = timed.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  const long = answers.filter(({ length }) => length > 1)
  const spans = long.map((tokens) => (tokens.at(-1)?.atMs ?? 0) - (tokens[0]?.atMs ?? 0))
  const gaps = long.flatMap((tokens) =>
    tokens.slice(1).map(({ atMs }, index) => atMs - (tokens[index]?.atMs ?? 0)),
  )
  const msPerToken = sum(spans) / gaps.length
  const firstTokens = answers.flatMap(([first]) => (first === undefined ? [] : [first.atMs]))
  return {
    tokens: sum(answers.map(({ length }) => length)),
    tokensPerSecond: 1000 / msPerToken,
    msPerToken,
    firstTokenMs: quantile(firstTokens, 0.5),
    firstTokenP95: quantile(firstTokens, 0.95),
    p50: quantile(gaps, 0.5),
    p95: quantile(gaps, 0.95),
    ...(costs.length === 0 ? {} : { cost: sum(costs) / costs.length }),
  }
}

export interface Agreement {
  /** Answers that are the same from the first token to the last. */
  readonly identicalAnswers: number
  /** Share of tokens before the first difference. */
  readonly identicalTokens: number
  /** By how many nats the reference's token led where an answer first differs; one for each such answer. */
  readonly leadsAtDifference: readonly number[]
}

/** Compares answers pairwise with the reference's. */
export function agreement(
  reference: readonly (readonly TimedToken[])[],
  answers: readonly (readonly TimedToken[])[],
): Agreement {
  const shared = reference.map((tokens, index) => {
    const differs = tokens.findIndex(({ text }, at) => answers[index]?.[at]?.text !== text)
    return differs === -1 ? tokens.length : differs
  })
  const leadsAtDifference = reference.flatMap((tokens, index) => {
    const token = tokens[shared[index] ?? 0]
    return token === undefined ? [] : [token.lead]
  })
  return {
    identicalAnswers: reference.length - leadsAtDifference.length,
    identicalTokens: sum(shared) / sum(reference.map(({ length }) => length)),
    leadsAtDifference,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
