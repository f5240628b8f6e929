import type { AnswerProgress } from '../channels/answer-progress.ts'
import type { Distribution } from '../distribution.ts'
import {
  type ChosenUnit,
  type Continuation,
  drawnUnit,
  locallyContinued,
  type NextToken,
  nextOf,
} from '../guard/decide-unit.ts'
import type { DecodeGuard, Unit } from '../guard/decode-guard.ts'
import { gapGuesses } from '../guard/gap-guesses.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import { chanceAgainstAll, chanceOf } from '../guard/token-chance.ts'
import type { LocalRow } from '../local-pair.ts'
import { isBanned } from '../sampling/score-adjustments.ts'
import type { Selection } from '../sampling/token-selector.ts'
import type { TokenId } from '../token-id.ts'
import { LEAST_LIKELY } from './closed-token.ts'
import { continuesUnsteered } from './continues-unsteered.ts'
import type { DecodeOptions } from './decode.ts'
import type { LocalPlace } from './local-place.ts'

/** What a guarded position knows beside its distribution and row. */
export interface GuardedPosition {
  readonly guard: DecodeGuard
  readonly progress: Pick<
    AnswerProgress,
    'isClosed' | 'lengthens' | 'followedBy' | 'mayBeFollowedBy' | 'atBorder' | 'close' | 'differs'
  >
  /** The pair at this position, once it computes nothing else. */
  readonly place: () => LocalPlace | Promise<LocalPlace>
  /** The pair's rows behind tokens that may come here, which it reads now where it has not yet. */
  readonly rowsBehind: (tokens: readonly TokenId[]) => Promise<ReadonlyMap<TokenId, LocalRow>>
}

interface Position {
  readonly row: LocalRow
  /** Known to begin no alias here. */
  readonly ordinary: TokenId | null
}

/** A bracketed gap that waits to be filled in, such as "[Your Name]". */
const GAP = /^( ?)\[(?:\p{L}|$)/u

/**
 * The private value that is emitted whole where `selection` would begin one, begin an alias of one, or open a
 * gap; null where the selection stands.
 */
export async function emittedUnit(
  options: DecodeOptions,
  { token }: Selection,
  guarded: GuardedPosition,
  at: Position & { readonly position: number },
): Promise<ChosenUnit | null> {
  const { sampling } = options
  const { position } = at
  for await (const continuations of unitChoices(options, token, guarded, at)) {
    const chosen = drawnUnit(continuations, { sampling, position })
    if (chosen !== null) return chosen
  }
  return null
}

/**
 * What may be emitted in place of a token, one choice after the other until a unit is drawn. A value's own
 * beginning goes on as the local pair does, steered; an alias's as the upstream does, and so does a gap that
 * asks the owner for a value; any other is filled where the profile's owner would rather write a value than
 * other text. What was decided against may not come: half of it may, since many numbers begin alike.
 */
export async function* unitChoices(
  options: DecodeOptions,
  token: TokenId,
  guarded: GuardedPosition,
  at: Position,
): AsyncGenerator<readonly Continuation[], void, undefined> {
  const { guard, progress } = guarded
  const bias = options.sampling.adjustments?.bias
  const fits = ({ needsBorder, tokens }: Unit) =>
    (!needsBorder || progress.atBorder) && !tokens.some((one) => isBanned(one, bias))
  const values = (guard.valuesBy.get(token) ?? []).filter(fits)
  if (values.length > 0) {
    yield await locally(options, values, guarded)
    progress.close(values.map(({ path }) => closedPart(path, guard)).filter(({ length }) => length > 0))
  }
  const isReadable = (unit: Unit) => fits(unit) && progress.mayBeFollowedBy(unit.path)
  // Before it has read an alias, the upstream proposes none
  const begun = token === at.ordinary || !progress.differs ? [] : (guard.aliasesBy.get(token) ?? [])
  const aliases = begun.filter(isReadable)
  if (aliases.length > 0) {
    yield await upstreamContinued(options, aliases, progress)
    return
  }
  const gap = gapIn(guard, token)
  if (gap === null || values.length > 0) return
  const asking = (guard.gapsBy.get(token) ?? []).filter(isReadable)
  if (asking.length > 0) yield await upstreamContinued(options, asking, progress)
  const isGap = (other: TokenId) => opensGap(guard, other)
  const guesses = gapGuesses(at.row, { strength: options.steering.strength, isGap })
  const fillers = [...guesses.keys()]
    .flatMap((guess) => guard.valuesBy.get(guess) ?? [])
    .filter((unit) => fits(unit) && unit.needsBorder === (gap[1] === ''))
  if (fillers.length === 0) return
  const behind = await locally(options, fillers, guarded)
  const { temperature } = options.sampling
  yield behind.map((one) => {
    const probability = guesses.get(one.unit.path[0] as TokenId) ?? 0
    return { ...one, begins: { probability, chance: chanceAgainstAll(probability, temperature) } }
  })
}

/** Whether a token opens a gap that a value may fill. */
export function opensGap(guard: DecodeGuard, token: TokenId): boolean {
  return gapIn(guard, token) !== null
}

function gapIn({ vocabulary }: DecodeGuard, token: TokenId): RegExpExecArray | null {
  return GAP.exec(new TextDecoder().decode(vocabulary.bytes(token)))
}

/** What lies behind the first token, up to that by which more than half of the value would stand there. */
function closedPart(path: readonly TokenId[], { vocabulary }: DecodeGuard): readonly TokenId[] {
  const lengths = path.map((token) => vocabulary.bytes(token).length)
  const half = lengths.reduce((sum, length) => sum + length, 0) / 2
  let read = 0
  const past = lengths.findIndex((length) => {
    read += length
    return read > half
  })
  return path.slice(1, Math.max(1, past) + 1)
}

/** None where the local model fails: whoever asks it next hears of that. */
async function locally(
  { steering, sampling: { temperature } }: DecodeOptions,
  units: readonly Unit[],
  { place, rowsBehind }: Pick<GuardedPosition, 'place' | 'rowsBehind'>,
): Promise<Continuation[]> {
  try {
    const begun = new Set(units.flatMap(({ path }) => (path.length > 1 ? path.slice(0, 1) : [])))
    // Most words that begin as a value does are others, and the pair reads on from them in any case
    const behind = await rowsBehind([...begun])
    const likely = units.filter(({ path }) => goesOn(behind.get(path[0] as TokenId), path, temperature))
    if (likely.length === 0) return []
    const { local } = await place()
    return await locallyContinued(likely, { local, behind, temperature })
  } catch (error) {
    if (!continuesUnsteered(error, steering)) throw error
    return []
  }
}

function goesOn(row: LocalRow | undefined, path: readonly TokenId[], temperature: number): boolean {
  if (path.length === 1) return true
  return row !== undefined && nextOf(row, path[1] as TokenId, temperature).chance >= LEAST_LIKELY
}

/**
 * How likely the upstream goes on with each alias or gap. All that it is asked for is its own text, gaps and
 * aliases: what comes behind the common first token, and the rest of those that may come then, at once.
 */
async function upstreamContinued(
  { upstream, steering, sampling, signal, counters }: DecodeOptions,
  units: readonly Unit[],
  progress: GuardedPosition['progress'],
): Promise<Continuation[]> {
  const { contextTokens } = upstream.limits
  const known = new Map<string, { ids: Distribution['ids']; likeliest: Distribution['logprobs'] }>()
  const ask = async (paths: readonly (readonly TokenId[])[]) => {
    const asked = new Map<string, PublicTokens>()
    for (const path of paths) {
      const prefix = progress.followedBy(path)
      // Where the window ends nobody can be asked, and what does not fit is no unit
      if (prefix !== null && prefix.length < contextTokens) asked.set(path.join(' '), prefix)
    }
    if (asked.size === 0) return
    const prefixes = [...asked.values()]
    counters.upstreamQueries += prefixes.length
    const { candidates } = steering
    const answers = await upstream.distributions({ prefixes, candidates, signal })
    for (const [index, key] of [...asked.keys()].entries()) {
      const { ids, logprobs } = answers[index] as Distribution
      known.set(key, { ids, likeliest: logprobs.map(Math.exp) })
    }
  }
  const nextAt = (path: readonly TokenId[], at: number): NextToken => {
    const answer = known.get(path.slice(0, at).join(' '))
    const rank = answer?.ids.indexOf(path[at] as TokenId) ?? -1
    if (answer === undefined || rank < 0) return { probability: 0, chance: 0 }
    const probability = answer.likeliest[rank] as number
    return { probability, chance: chanceOf(probability, answer.likeliest, sampling.temperature) }
  }
  const beginnings = (path: readonly TokenId[], from: number) =>
    path.slice(from, -1).map((_, at) => path.slice(0, from + at + 1))
  await ask(units.flatMap(({ path }) => beginnings(path, 0).slice(0, 1)))
  const likely = units.filter(({ path }) => path.length === 1 || nextAt(path, 1).chance >= LEAST_LIKELY)
  await ask(likely.flatMap(({ path }) => beginnings(path, 1)))
  return likely.map((unit) => ({
    unit,
    behind: unit.path.slice(1).map((_, index) => nextAt(unit.path, index + 1)),
  }))
}
