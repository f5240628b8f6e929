import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'
import type { Selection, TokenSelector } from '../sampling/token-selector.ts'
import type { TokenId } from '../token-id.ts'
import type { DecodeOptions } from './decode.ts'

/** Everything that decides one token. */
export interface SteeringStep {
  readonly distribution: Distribution
  /** Null for an unsteered step. */
  readonly row: LocalRow | null
  /** Public prompt and emitted tokens: where `distribution` stands. */
  readonly prefix: readonly TokenId[]
  /** Index of the token to emit, from 0. */
  readonly position: number
}

/**
 * Selects the step's token. With `fidelity: exact` an uncertified step asks its position
 * again with a larger K, until it is certified or the upstream has no more to give; the
 * upstream is never told which candidates matter.
 */
export async function settleStep(
  { upstream, steering, signal, counters }: DecodeOptions,
  selector: TokenSelector,
  { distribution, row, prefix, position }: SteeringStep,
): Promise<Selection> {
  const limit = upstream.limits.maxCandidates
  let candidates = distribution.ids.length
  let selection = selector.select(distribution, row, position, prefix)
  while (steering.fidelity === 'exact' && !selection.certified && candidates < limit) {
    candidates = Math.min(candidates * 8, limit)
    counters.upstreamQueries++
    const [wider] = await upstream.distributions({ prefixes: [prefix], candidates, signal })
    if (wider === undefined) break
    selection = selector.select(wider, row, position, prefix)
  }
  if (!selection.certified) counters.uncertifiedSteps++
  return selection
}
