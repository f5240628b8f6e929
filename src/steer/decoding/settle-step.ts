import { AnswerRow } from '../channels/answer-row.ts'
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
  /** Public prompt and tokens, as the upstream reads them: where `distribution` stands. */
  readonly prefix: readonly TokenId[]
  /** The answer's tokens so far, as the client reads them. */
  readonly emitted: readonly TokenId[]
  /** Index of the token to emit, from 0. */
  readonly position: number
  /** The tokens that open or close a channel here; left out or null where none does. */
  readonly isStructural?: ((token: TokenId) => boolean) | null
  /** Whether the upstream's own choice is known to be none of them. */
  readonly ownIsText?: boolean
}

export interface SettledStep {
  readonly selection: Selection
  /** Whether the upstream's own choice is structural and stands: then no row had a say. */
  readonly structural: boolean
}

/**
 * Selects the step's token. Where some tokens are structural, the upstream's own choice with the same noise
 * decides first: a structural one is taken, and else none can be.
 */
export async function settleStep(
  options: DecodeOptions,
  selector: TokenSelector,
  step: SteeringStep,
): Promise<SettledStep> {
  const { row, isStructural = null, ownIsText = false } = step
  if (row === null || isStructural === null) {
    const { selection } = await certifiedSelection(options, selector, step)
    return { selection: counted(options, selection), structural: false }
  }
  const own = ownIsText ? null : await certifiedSelection(options, selector, { ...step, row: null })
  if (own !== null && isStructural(own.selection.token)) {
    return { selection: counted(options, own.selection), structural: true }
  }
  const { distribution } = own ?? step
  const steered = { ...step, distribution, row: new AnswerRow(row, isStructural) }
  const { selection } = await certifiedSelection(options, selector, steered)
  return { selection: counted(options, selection), structural: false }
}

function counted({ counters }: DecodeOptions, selection: Selection): Selection {
  if (!selection.certified) counters.uncertifiedSteps++
  return selection
}

/**
 * With `fidelity: exact` an uncertified step asks its position again with a larger K, until it is certified
 * or the upstream has no more to give; the upstream is never told which candidates matter. Tells the
 * distribution that was asked last.
 */
async function certifiedSelection(
  { upstream, steering, signal, counters }: DecodeOptions,
  selector: TokenSelector,
  { distribution, row, prefix, emitted, position }: SteeringStep,
): Promise<{ readonly selection: Selection; readonly distribution: Distribution }> {
  const limit = upstream.limits.maxCandidates
  let widest = distribution
  let candidates = distribution.ids.length
  let selection = selector.select(distribution, row, position, emitted)
  while (steering.fidelity === 'exact' && !selection.certified && candidates < limit) {
    candidates = Math.min(candidates * 8, limit)
    counters.upstreamQueries++
    const [wider] = await upstream.distributions({ prefixes: [prefix], candidates, signal })
    if (wider === undefined) break
    widest = wider
    selection = selector.select(wider, row, position, emitted)
  }
  return { selection, distribution: widest }
}
