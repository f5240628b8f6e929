import { AnswerRow } from '../channels/answer-row.ts'
import type { Distribution } from '../distribution.ts'
import { AliasRow } from '../guard/alias-row.ts'
import { completesBanned } from '../guard/banned-aliases.ts'
import type { ChosenUnit } from '../guard/decide-unit.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import type { LocalRow } from '../local-pair.ts'
import type { Selection, TokenLogprob, TokenSelector } from '../sampling/token-selector.ts'
import { leakedBits, strengthShare } from '../strength/leak-meter.ts'
import type { TokenId } from '../token-id.ts'
import { isClosedToken } from './closed-token.ts'
import type { DecodeOptions } from './decode.ts'
import { emittedUnit, type GuardedPosition } from './emitted-unit.ts'

/** Everything that decides one token. */
export interface SteeringStep {
  readonly distribution: Distribution
  /** Null for an unsteered step. */
  readonly row: LocalRow | null
  /** Public prompt and tokens, as the upstream reads them: where `distribution` stands. */
  readonly prefix: PublicTokens
  /** The answer's tokens so far, as the client reads them. */
  readonly emitted: readonly TokenId[]
  /** Index of the token to emit, from 0. */
  readonly position: number
  /** The tokens that open or close a channel here; left out or null where none does. */
  readonly isStructural?: ((token: TokenId) => boolean) | null
  /** Whether the upstream's own choice is known to be none of them. */
  readonly ownIsText?: boolean
  /** Left out or null where nothing is private. */
  readonly guarded?: GuardedPosition | null
}

export interface SettledStep {
  readonly selection: Selection
  /** Whether the upstream's own choice is structural and stands: then no row had a say. */
  readonly structural: boolean
  /** Tokens that are emitted right behind it: the rest of a private value. */
  readonly behind: readonly TokenLogprob[]
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
  selector.share = strengthShare(options.counters.leakBits, options.steering.leakBudgetBits ?? null)
  if (row === null) {
    const { selection } = await openSelection(options, selector, step, () => false)
    return { selection: counted(options, selection), structural: false, behind: [] }
  }
  if (isStructural === null) return guardedSelection(options, selector, { ...step, row })
  const own = ownIsText ? null : await certifiedSelection(options, selector, { ...step, row: null })
  if (own !== null && isStructural(own.selection.token)) {
    return { selection: counted(options, own.selection), structural: true, behind: [] }
  }
  const { distribution } = own ?? step
  return guardedSelection(options, selector, { ...step, distribution, row: new AnswerRow(row, isStructural) })
}

/** The steered selection; where it would begin a private value, that is emitted whole or not at all. */
async function guardedSelection(
  options: DecodeOptions,
  selector: TokenSelector,
  step: SteeringStep & { readonly row: LocalRow },
): Promise<SettledStep> {
  const { guarded = null } = step
  if (guarded === null) {
    const { selection, distribution } = await certifiedSelection(options, selector, step)
    options.counters.leakBits += leakedBits(distribution, selection)
    return { selection: counted(options, selection), structural: false, behind: [] }
  }
  const { guard, progress } = guarded
  const settled = ({ selection, distribution, chosen }: Proposal): SettledStep => {
    counted(options, selection)
    options.counters.leakBits += leakedBits(distribution, selection)
    if (chosen === null) return { selection, structural: false, behind: [] }
    const [token = selection.token, ...rest] = chosen.unit.tokens
    const logprob = chosen.firstLogprob ?? selection.logprob
    return {
      selection: { ...selection, token, logprob },
      structural: false,
      behind: rest.map((other, at) => ({ token: other, logprob: chosen.logprobs[at] ?? 0 })),
    }
  }
  // Before it has read one, the upstream proposes no alias
  if (!progress.differs || guard.aliasesBy.size === 0) {
    return settled(await proposal(options, selector, step, guarded))
  }
  const row = new AliasRow(step.row, guard.aliasesBy)
  const first = await proposal(options, selector, { ...step, row }, guarded)
  const { token } = first.selection
  if (first.chosen !== null || !guard.aliasesBy.has(token)) return settled(first)
  // It begins another word than the alias, of which the value's delta says nothing
  progress.close([])
  return settled(await proposal(options, selector, step, guarded, token))
}

interface Proposal {
  readonly selection: Selection
  readonly distribution: Distribution
  readonly chosen: ChosenUnit | null
}

/** `ordinary` is known to begin no alias here. */
async function proposal(
  options: DecodeOptions,
  selector: TokenSelector,
  step: SteeringStep & { readonly row: LocalRow },
  guarded: GuardedPosition,
  ordinary: TokenId | null = null,
): Promise<Proposal> {
  const { selection, distribution } = await openSelection(options, selector, step, (token) =>
    isClosedToken(token, guarded.progress, step.row),
  )
  const isEnd = options.endTokens.has(selection.token)
  const chosen = isEnd ? null : await emittedUnit(options, selection, guarded, { ...step, ordinary })
  return { selection, distribution, chosen }
}

/** The selection among the tokens that may come next; where all are closed it is made among all. */
async function openSelection(
  options: DecodeOptions,
  selector: TokenSelector,
  step: SteeringStep,
  isClosed: (token: TokenId) => boolean,
): Promise<{ readonly selection: Selection; readonly distribution: Distribution }> {
  const { guard = null } = options
  const mayNotCome = (token: TokenId) =>
    isClosed(token) || (guard !== null && completesBanned(guard, step.prefix, token))
  const first = await certifiedSelection(options, selector, step)
  const closed = new Set<TokenId>()
  let { selection } = first
  const { distribution } = first
  while (mayNotCome(selection.token) && closed.size < distribution.ids.length - 1) {
    closed.add(selection.token)
    selection = (await certifiedSelection(options, selector, { ...step, distribution }, closed)).selection
  }
  return { selection: mayNotCome(selection.token) ? first.selection : selection, distribution }
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
  closed?: ReadonlySet<TokenId>,
): Promise<{ readonly selection: Selection; readonly distribution: Distribution }> {
  const limit = upstream.limits.maxCandidates
  let widest = distribution
  let candidates = distribution.ids.length
  let selection = selector.select(distribution, row, position, emitted, closed)
  while (steering.fidelity === 'exact' && !selection.certified && candidates < limit) {
    candidates = Math.min(candidates * 8, limit)
    counters.upstreamQueries++
    const [wider] = await upstream.distributions({ prefixes: [prefix], candidates, signal })
    if (wider === undefined) break
    widest = wider
    selection = selector.select(wider, row, position, emitted, closed)
  }
  return { selection, distribution: widest }
}
