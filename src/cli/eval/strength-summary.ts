// This room owns the figures of a trial of strengths. It knows log-probabilities, and no text.

import type { TextLikelihood } from '../../gateway/strength-trial.ts'

interface StrengthRow {
  readonly strength: number
  /** Mean negative log-likelihood of a token, nats: the lower, the more the answers are the author's. */
  readonly nats: number
  /** Against no steering. */
  readonly change: number
  /** Standard error of `change`, over the tokens. */
  readonly error: number
}

export interface StrengthSummary {
  readonly texts: number
  readonly tokens: number
  /** Share of the tokens that were no candidates and do not count, [0, 1]. */
  readonly outside: number
  readonly rows: readonly StrengthRow[]
  /** The strength of the lowest row. */
  readonly best: number
}

/** Sums up a trial; the first of `strengths` is 0. */
export function strengthSummary(
  strengths: readonly number[],
  texts: readonly TextLikelihood[],
): StrengthSummary {
  const tokens = texts.flatMap((text) => text.tokens)
  const outside = texts.reduce((sum, text) => sum + text.outside, 0)
  const count = tokens.length
  const mean = (natsOf: (nats: Float64Array) => number) =>
    tokens.reduce((sum, nats) => sum + natsOf(nats), 0) / count
  const rows = strengths.map((strength, at) => {
    const changeOf = (nats: Float64Array) => (nats[at] ?? 0) - (nats[0] ?? 0)
    const change = mean(changeOf)
    const variance = (mean((nats) => (changeOf(nats) - change) ** 2) * count) / Math.max(1, count - 1)
    return { strength, nats: mean((nats) => nats[at] ?? 0), change, error: Math.sqrt(variance / count) }
  })
  const best = rows.reduce((lowest, row) => (row.nats < lowest.nats ? row : lowest))
  return {
    texts: texts.length,
    tokens: count,
    outside: outside / Math.max(1, outside + count),
    rows,
    best: best.strength,
  }
}
