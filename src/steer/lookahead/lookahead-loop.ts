// Lookahead: the tokens of the token-by-token loop, sooner. This room owns guessing ahead, carrying out what
// was planned, and the proof of what guesses reveal (replay-queries.ts). It must not select tokens in a way
// of its own, nor reach models other than through `Upstream` and `LocalContinuation`.

import type { DecodeEvent, DecodeOptions } from '../decoding/decode.ts'
import type { DecodeCounters } from '../decoding/decode-counters.ts'
import { freeRun } from '../decoding/free-run.ts'
import { type SteeringStep, settleStep } from '../decoding/settle-step.ts'
import type { TokenTrace } from '../decoding/token-trace.ts'
import { traceSteering } from '../decoding/trace-steering.ts'
import type { LocalRow } from '../local-pair.ts'
import { type Selection, TokenSelector } from '../sampling/token-selector.ts'
import { Gate } from '../strength/gate.ts'
import type { TokenId } from '../token-id.ts'
import { LookaheadRun, type ReadyPosition } from './lookahead-run.ts'
import type { LookaheadSettings } from './lookahead-settings.ts'
import type { ThrottleState } from './planning/speculation-throttle.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** Who is told about a run, beside its events. */
export interface LookaheadListeners {
  /** Receives what `replayQueries` needs to reproduce the answer's queries. */
  readonly record?: (event: RecordedEvent) => void
  /** Called once, however the run ends: what the next one at the same upstream should begin with. */
  readonly onEnd?: (throttle: ThrottleState) => void
}

/**
 * Emits the events of `referenceLoop`, sooner: guesses of the next tokens are asked
 * upstream and computed locally before they are known to be right (docs/lookahead.md).
 */
export async function* lookaheadLoop(
  options: DecodeOptions,
  lookahead: LookaheadSettings,
  { record, onEnd }: LookaheadListeners = {},
): AsyncGenerator<DecodeEvent, void, undefined> {
  const { local } = options
  if (local === null) {
    yield* freeRun(options, options.prompt, options.maxTokens)
    return
  }
  const run = new LookaheadRun({ decode: options, local, lookahead, record: record ?? null })
  try {
    yield* steeredEvents(options, run)
  } finally {
    run.stop()
    onEnd?.(run.throttle)
  }
}

async function* steeredEvents(
  options: DecodeOptions,
  run: LookaheadRun,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const { maxTokens } = options
  const began = options.clock.now()
  const selector = new TokenSelector({ ...options, strength: options.steering.strength })
  const gate = options.steering.gate === null ? null : new Gate(options.steering.gate)
  const prefix = [...options.prompt]
  for (let position = 0; position < maxTokens; position++) {
    const ready = await run.ready()
    if (ready === null) {
      run.stop()
      yield* freeRun(options, prefix, maxTokens - position)
      return
    }
    const { distribution, row } = ready
    run.retain(row)
    const step = { distribution, row, prefix: [...prefix], position }
    const selection = await settleStep(options, selector, step)
    if (options.endTokens.has(selection.token)) {
      run.stop()
      yield { type: 'decode-end', reason: 'end-token' }
      return
    }
    const drafts = run.drafts
    options.counters.inFlightAtTokens += run.inFlight
    if (run.throttled) options.counters.throttledTokens++
    prefix.push(selection.token)
    gate?.observe(distribution)
    const steers = position + 1 < maxTokens && !gate?.closed
    if (steers) run.emit(selection.token, row)
    else run.stop()
    count(options.counters, drafts, selection.token)
    options.counters.coveredMass += row.coverage?.(distribution) ?? 1
    const trace = options.trace
      ? { trace: traceToken(options, { ready, step, selector, selection, drafts, began }) }
      : {}
    yield { type: 'token-emitted', ...selection, steered: true, ...trace }
    if (!steers && position + 1 < maxTokens) {
      yield* freeRun(options, prefix, maxTokens - position - 1)
      return
    }
  }
  yield { type: 'decode-end', reason: 'length' }
}

function count(counters: DecodeCounters, drafts: readonly TokenId[], token: TokenId): void {
  counters.steeredTokens++
  if (drafts.includes(token)) counters.acceptedGuesses++
  else if (drafts.length > 0) counters.rejectedGuesses++
}

interface TracedStep {
  readonly ready: ReadyPosition
  readonly step: SteeringStep & { readonly row: LocalRow }
  readonly selector: TokenSelector
  readonly selection: Selection
  readonly drafts: readonly TokenId[]
  readonly began: number
}

function traceToken(
  { clock, steering }: DecodeOptions,
  { ready, step, selector, selection, drafts, began }: TracedStep,
): TokenTrace {
  const { token } = selection
  const since = ({ startMs, endMs }: ReadyPosition['answerSpan']) => ({
    startMs: startMs - began,
    endMs: endMs - began,
  })
  return {
    position: step.position,
    ...traceSteering(step, { selector, strength: steering.strength, token }),
    draft: drafts.includes(token) ? token : (drafts[0] ?? null),
    local: ready.rowSpan === null ? null : since(ready.rowSpan),
    upstreamQuery: since(ready.answerSpan),
    emittedMs: clock.now() - began,
  }
}
