import { AnswerProgress } from '../channels/answer-progress.ts'
import type { Distribution } from '../distribution.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import type { LocalContinuation, LocalRow } from '../local-pair.ts'
import { type Selection, TokenSelector } from '../sampling/token-selector.ts'
import { Gate } from '../strength/gate.ts'
import type { TokenId } from '../token-id.ts'
import { continuesUnsteered } from './continues-unsteered.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'
import { countCandidates } from './decode-counters.ts'
import { freeRun } from './free-run.ts'
import { type LocalPlace, placeBelow, rootOf, rowsBelow } from './local-place.ts'
import { restOfUnit } from './rest-of-unit.ts'
import { type SteeringStep, settleStep } from './settle-step.ts'
import type { TokenTrace, TracedSpan } from './token-trace.ts'
import { tokensLeft } from './tokens-left.ts'
import { traceSteering } from './trace-steering.ts'
import { unsteeredStretch } from './unsteered-stretch.ts'

/**
 * The algorithm as published, token by token: one upstream query and one local step for
 * each token, side by side. Every faster loop must emit exactly these events.
 */
export async function* referenceLoop(options: DecodeOptions): AsyncGenerator<DecodeEvent, void, undefined> {
  const { steering, maxTokens } = options
  if (options.local === null) {
    yield* freeRun(options, { prefix: options.prompt, emitted: [] }, maxTokens)
    return
  }
  const selector = new TokenSelector({ ...options, strength: steering.strength })
  const gate = steering.gate === null ? null : new Gate(steering.gate)
  const began = options.clock.now()
  const progress = new AnswerProgress(options.prompt, options.channels, options.guard)
  let at: LocalPlace | null = null
  while (tokensLeft(options, progress) > 0) {
    if (!progress.steered) {
      if (!(yield* unsteeredStretch(options, progress))) return
    }
    const { position } = progress
    const { prefix } = progress
    const unread = progress.read()
    const answers: BothAnswers = await askBoth(options, { local: options.local, at, prefix, unread, began })
    if (answers.at === null) {
      yield* freeRun(options, progress, tokensLeft(options, progress))
      return
    }
    const here = answers.at
    at = here
    const { row } = at
    at.local.retain(row)
    const { isStructural, ownIsText } = progress
    const emitted = [...progress.emitted]
    const { distribution } = answers
    const places = { place: () => here, rowsBehind: (tokens: readonly TokenId[]) => rowsBelow(here, tokens) }
    const guarded = options.guard == null ? null : { guard: options.guard, progress, ...places }
    const step = { distribution, row, prefix, emitted, position, isStructural, ownIsText, guarded }
    const { selection, structural, behind } = await settleStep(options, selector, step)
    if (options.endTokens.has(selection.token)) {
      yield { type: 'decode-end', reason: 'end-token' }
      return
    }
    progress.take(selection.token)
    if (structural) {
      options.counters.unsteeredTokens++
      yield { type: 'token-emitted', ...selection, steered: false }
      continue
    }
    const trace: { readonly trace?: TokenTrace } = options.trace
      ? { trace: traceToken(options, { step, selector, selection, answers, began }) }
      : {}
    options.counters.steeredTokens++
    countCandidates(options.counters, row, answers.distribution)
    yield { type: 'token-emitted', ...selection, steered: true, ...trace }
    yield* restOfUnit(options, progress, behind, trace.trace)
    gate?.observe(answers.distribution)
    if (gate?.closed && tokensLeft(options, progress) > 0) {
      yield* freeRun(options, progress, tokensLeft(options, progress))
      return
    }
  }
  yield { type: 'decode-end', reason: 'length' }
}

interface BothAnswers {
  readonly distribution: Distribution
  readonly upstreamSpan: TracedSpan
  /** Null when the local model failed and the answer is to go on without it. */
  readonly at: LocalPlace | null
  readonly localSpan: TracedSpan
}

/**
 * The upstream's distribution after `prefix` and the local row there: behind `unread`, below `at` or, where
 * that is null, below the root.
 */
async function askBoth(
  { upstream, steering, signal, clock, counters }: DecodeOptions,
  {
    local,
    at,
    prefix,
    unread,
    began,
  }: {
    local: LocalContinuation | Promise<LocalContinuation>
    at: LocalPlace | null
    prefix: PublicTokens
    /** The answer's tokens behind `at` */
    unread: readonly TokenId[]
    began: number
  },
): Promise<BothAnswers> {
  const startMs = clock.now() - began
  const timed = async <T>(work: Promise<T>) => ({
    value: await work,
    span: { startMs, endMs: clock.now() - began },
  })
  counters.upstreamQueries++
  // Settled together so that a failure of one never leaves the other as an unhandled rejection.
  const [answer, step] = await Promise.allSettled([
    timed(upstream.distributions({ prefixes: [prefix], candidates: steering.candidates, signal })),
    timed(placeBelow(at ?? rootOf(local), unread)),
  ])
  signal.throwIfAborted()
  if (answer.status === 'rejected') throw answer.reason
  if (step.status === 'rejected' && !continuesUnsteered(step.reason, steering)) throw step.reason
  return {
    distribution: answer.value.value[0] as Distribution,
    upstreamSpan: answer.value.span,
    at: step.status === 'rejected' ? null : step.value.value,
    localSpan: step.status === 'rejected' ? answer.value.span : step.value.span,
  }
}

interface TracedStep {
  readonly step: SteeringStep & { readonly row: LocalRow }
  readonly selector: TokenSelector
  readonly selection: Selection
  readonly answers: BothAnswers
  readonly began: number
}

function traceToken(
  { clock, local }: DecodeOptions,
  { step, selector, selection, answers, began }: TracedStep,
): TokenTrace {
  const { position } = step
  return {
    position,
    ...traceSteering(step, { selector, strength: selector.strength, token: selection.token }),
    draft: null,
    local: position === 0 && !(local instanceof Promise) ? null : answers.localSpan,
    upstreamQuery: answers.upstreamSpan,
    emittedMs: clock.now() - began,
  }
}
