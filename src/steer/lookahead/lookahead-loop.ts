// Lookahead: the tokens of the token-by-token loop, sooner. This room owns guessing ahead, carrying out what
// was planned, and the proof of what guesses reveal (replay-queries.ts). It must not select tokens in a way
// of its own, nor reach models other than through `Upstream` and `LocalContinuation`.

import { AnswerProgress } from '../channels/answer-progress.ts'
import type { DecodeEvent, DecodeOptions } from '../decoding/decode.ts'
import { countCandidates, type DecodeCounters } from '../decoding/decode-counters.ts'
import { freeRun } from '../decoding/free-run.ts'
import { type LocalPlace, placeBelow, rootOf } from '../decoding/local-place.ts'
import { restOfUnit } from '../decoding/rest-of-unit.ts'
import { type SteeringStep, settleStep } from '../decoding/settle-step.ts'
import type { TokenTrace } from '../decoding/token-trace.ts'
import { tokensLeft } from '../decoding/tokens-left.ts'
import { traceSteering } from '../decoding/trace-steering.ts'
import { unsteeredStretch } from '../decoding/unsteered-stretch.ts'
import type { LocalContinuation, LocalRow } from '../local-pair.ts'
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
    yield* freeRun(options, { prefix: options.prompt, emitted: [] }, options.maxTokens)
    return
  }
  const answer = new LookaheadAnswer({ ...options, local }, lookahead, record ?? null)
  try {
    yield* answerEvents(answer)
  } finally {
    answer.stop()
    onEnd?.(answer.throttle)
  }
}

/** An answer that is decoded in runs, which anything but a steered token ends, and what they share. */
class LookaheadAnswer {
  readonly options: LocalDecodeOptions
  readonly progress: AnswerProgress
  readonly selector: TokenSelector
  readonly gate: Gate | null
  readonly beganMs: number
  readonly record: ((event: RecordedEvent) => void) | null
  readonly #lookahead: LookaheadSettings
  #run: LookaheadRun | null = null

  constructor(
    options: LocalDecodeOptions,
    lookahead: LookaheadSettings,
    record: ((event: RecordedEvent) => void) | null,
  ) {
    const { prompt, channels, guard, steering, clock } = options
    this.options = options
    this.record = record
    this.#lookahead = lookahead
    this.progress = new AnswerProgress(prompt, channels, guard)
    this.selector = new TokenSelector({ ...options, strength: steering.strength })
    this.gate = steering.gate === null ? null : new Gate(steering.gate)
    this.beganMs = clock.now()
  }

  get throttle(): ThrottleState {
    return this.#run?.throttle ?? this.#lookahead.throttle
  }

  /** Plans from the present position on. */
  begin(): LookaheadRun {
    const { options, progress, record, throttle } = this
    record?.({ type: 'run-began' })
    this.#run = new LookaheadRun({
      decode: options,
      publicTokens: progress.publicTokens,
      position: progress.position,
      hidesGuesses: progress.differs,
      start: this.#start(),
      lookahead: { ...this.#lookahead, throttle },
      record,
    })
    return this.#run
  }

  stop(): void {
    this.#run?.stop()
  }

  #start(): LocalPlace | Promise<LocalPlace> {
    const { local } = this.options
    const unread = this.progress.read()
    if (this.#run !== null) return placeBelow(this.#run.settledPlace(), unread)
    if (unread.length > 0 || local instanceof Promise) return placeBelow(rootOf(local), unread)
    return { local, row: local.root }
  }
}

type LocalDecodeOptions = DecodeOptions & {
  readonly local: LocalContinuation | Promise<LocalContinuation>
}

async function* answerEvents(answer: LookaheadAnswer): AsyncGenerator<DecodeEvent, void, undefined> {
  const { options, progress } = answer
  while (tokensLeft(options, progress) > 0) {
    if (!progress.steered) {
      answer.record?.({ type: 'stretch-began' })
      const { position } = progress
      const goesOn = yield* unsteeredStretch(options, progress)
      answer.record?.({ type: 'stretch-ended', tokens: progress.position - position })
      if (!goesOn) return
    }
    if (!(yield* runEvents(answer, answer.begin()))) return
  }
  yield { type: 'decode-end', reason: 'length' }
}

/** The tokens of one run. Returns whether the answer goes on behind it, or would but for its length. */
async function* runEvents(
  { options, progress, selector, gate, beganMs, record }: LookaheadAnswer,
  run: LookaheadRun,
): AsyncGenerator<DecodeEvent, boolean, undefined> {
  const { counters } = options
  const places = {
    place: () => run.settledPlace(),
    rowsBehind: (tokens: readonly TokenId[]) => run.rowsBehind(tokens),
  }
  while (tokensLeft(options, progress) > 0) {
    const { position } = progress
    const ready = await run.ready()
    if (ready === null) {
      run.stop()
      yield* freeRun(options, progress, tokensLeft(options, progress))
      return false
    }
    const { distribution, row } = ready
    run.retain(row)
    const step = {
      distribution,
      row,
      prefix: progress.prefix,
      emitted: [...progress.emitted],
      position,
      isStructural: progress.isStructural,
      ownIsText: progress.ownIsText,
      guarded: options.guard == null ? null : { guard: options.guard, progress, ...places },
    }
    const { selection, structural, behind } = await settleStep(options, selector, step)
    if (options.endTokens.has(selection.token)) {
      run.stop()
      yield { type: 'decode-end', reason: 'end-token' }
      return false
    }
    progress.take(selection.token)
    if (structural) {
      run.stop()
      record?.({ type: 'run-ended' })
      counters.unsteeredTokens++
      yield { type: 'token-emitted', ...selection, steered: false }
      return true
    }
    // The run has both models read what it emits. Where no candidate was text, what was picked is none either
    const follows = behind.length === 0 && progress.goesOnAlike
    if (follows) progress.read()
    const drafts = run.drafts
    counters.inFlightAtTokens += run.inFlight
    if (run.throttled) counters.throttledTokens++
    gate?.observe(distribution)
    if (follows && !gate?.closed && tokensLeft(options, progress) > 0) run.emit(selection.token)
    else run.stop()
    count(counters, drafts, selection.token)
    countCandidates(counters, row, distribution)
    const trace: { readonly trace?: TokenTrace } = options.trace
      ? { trace: traceToken(options, { ready, step, selector, selection, drafts, began: beganMs }) }
      : {}
    yield { type: 'token-emitted', ...selection, steered: true, ...trace }
    yield* restOfUnit(options, progress, behind, trace.trace)
    if (gate?.closed && tokensLeft(options, progress) > 0) {
      yield* freeRun(options, progress, tokensLeft(options, progress))
      return false
    }
    if (!follows) {
      for (let token = position; token < progress.position; token++) record?.({ type: 'run-ended' })
      return true
    }
  }
  return true
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
  { clock }: DecodeOptions,
  { ready, step, selector, selection, drafts, began }: TracedStep,
): TokenTrace {
  const { token } = selection
  const since = ({ startMs, endMs }: ReadyPosition['answerSpan']) => ({
    startMs: startMs - began,
    endMs: endMs - began,
  })
  return {
    position: step.position,
    ...traceSteering(step, { selector, strength: selector.strength, token }),
    draft: drafts.includes(token) ? token : (drafts[0] ?? null),
    local: ready.rowSpan === null ? null : since(ready.rowSpan),
    upstreamQuery: since(ready.answerSpan),
    emittedMs: clock.now() - began,
  }
}
