import type { LocalRow } from '../local-pair.ts'
import { logSumExp } from '../log-sum-exp.ts'
import type { TokenSelector } from '../sampling/token-selector.ts'
import { type TokenId, tokenId } from '../token-id.ts'
import type { SteeringStep } from './settle-step.ts'
import type { TokenTrace } from './token-trace.ts'

/** Tokens shown on each side of a trace. */
const SHOWN_TOKENS = 8

/**
 * The part of a token's trace that says what the upstream wanted and what steering made
 * of it. Not for hot paths.
 */
export function traceSteering(
  { distribution, row, emitted, position }: SteeringStep & { readonly row: LocalRow },
  { selector, strength, token }: { selector: TokenSelector; strength: number; token: TokenId },
): Pick<TokenTrace, 'upstream' | 'steered' | 'unsteered' | 'shift'> {
  const unsteered = selector.select(distribution, null, position, emitted).token
  const deltas = new Float64Array(distribution.ids.length)
  row.deltasInto(distribution.ids, deltas)
  const candidates = Array.from(distribution.ids, (id, i) => {
    const base = distribution.logprobs[i] ?? Number.NEGATIVE_INFINITY
    const delta = deltas[i] ?? 0
    return { token: tokenId(id), base, delta, score: base + strength * delta }
  })
  const logNormaliser = logSumExp(Float64Array.from(candidates, ({ score }) => score))
  const meanDelta = candidates.reduce((sum, { base, delta }) => sum + Math.exp(base) * delta, 0)
  const deltaOf = (wanted: TokenId) => candidates.find((candidate) => candidate.token === wanted)?.delta ?? 0
  return {
    upstream: candidates.slice(0, SHOWN_TOKENS).map(({ token: id, base }) => ({ token: id, logprob: base })),
    steered: candidates
      .toSorted((a, b) => b.score - a.score)
      .slice(0, SHOWN_TOKENS)
      .map(({ token: id, score, delta }) => ({
        token: id,
        logprob: score - logNormaliser,
        delta: delta - meanDelta,
      })),
    unsteered,
    shift: deltaOf(token) - deltaOf(unsteered),
  }
}
