import type { DecodeEvent, DecodeOptions } from '../decode.ts'
import { freeRun } from '../free-run.ts'
import { Gate } from '../gate.ts'
import { settleStep } from '../settle-step.ts'
import type { TokenId } from '../token-id.ts'
import { type Selection, TokenSelector } from '../token-selector.ts'
import type { TokenTrace } from '../token-trace.ts'
import { traceSteering } from '../trace-steering.ts'
import { LookaheadRun, type ReadyPosition } from './lookahead-run.ts'
import type { LookaheadRecorder, LookaheadSettings } from './lookahead-settings.ts'

/**
 * Emits the events of `referenceLoop`, sooner: guesses of the next tokens are asked upstream and computed locally before
 * they are known to be right (docs/lookahead.md). `record` receives what `replayQueries` needs.
 */
export async function* lookaheadLoop(
  options: DecodeOptions,
  lookahead: LookaheadSettings,
  record: LookaheadRecorder | null = null,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const { local, maxTokens, counters } = options
  if (local === null) {
    yield* freeRun(options, options.prompt, maxTokens)
    return
  }
  const began = options.clock.now()
  const selector = new TokenSelector({ ...options, strength: options.steering.strength })
  const gate = options.steering.gate === null ? null : new Gate(options.steering.gate)
  const prefix = [...options.prompt]
  const run = new LookaheadRun({ decode: options, local, lookahead, record })
  try {
    for (let position = 0; position < maxTokens; position++) {
      const ready = await run.ready()
      if (ready === null) {
        run.stop()
        yield* freeRun(options, prefix, maxTokens - position)
        return
      }
      const { distribution, row } = ready
      local.retain(row)
      const selection = await settleStep(options, selector, {
        distribution,
        row,
        prefix: [...prefix],
        position,
      })
      const { token } = selection
      if (options.endTokens.has(token)) {
        run.stop()
        yield { type: 'decode-end', reason: 'end-token' }
        return
      }
      const drafts = run.drafts
      if (drafts.includes(token)) counters.acceptedGuesses++
      else if (drafts.length > 0) counters.rejectedGuesses++
      prefix.push(token)
      gate?.observe(distribution)
      const last = position + 1 === maxTokens
      if (last || gate?.closed) run.stop()
      else run.emit(token, row)
      counters.steeredTokens++
      const trace = options.trace
        ? { trace: traceToken(options, { ready, selection, drafts, position, began }) }
        : {}
      yield { type: 'token-emitted', ...selection, steered: true, ...trace }
      if (gate?.closed && !last) {
        yield* freeRun(options, prefix, maxTokens - position - 1)
        return
      }
    }
    yield { type: 'decode-end', reason: 'length' }
  } finally {
    run.stop()
  }
}

interface TracedStep {
  readonly ready: ReadyPosition
  readonly selection: Selection
  readonly drafts: readonly TokenId[]
  readonly position: number
  readonly began: number
}

function traceToken(
  { clock, steering }: DecodeOptions,
  { ready, selection, drafts, position, began }: TracedStep,
): TokenTrace {
  const { token } = selection
  const since = ({ startMs, endMs }: ReadyPosition['answerSpan']) => ({
    startMs: startMs - began,
    endMs: endMs - began,
  })
  return {
    position,
    ...traceSteering(ready.distribution, { row: ready.row, strength: steering.strength, token }),
    draft: drafts.includes(token) ? token : (drafts[0] ?? null),
    local: ready.rowSpan === null ? null : since(ready.rowSpan),
    upstreamQuery: since(ready.answerSpan),
    emittedMs: clock.now() - began,
  }
}
