import type { ChoiceEvent, ChoiceEvents } from './choice-events.ts'
import type { ChunkBuilder } from './openai/chat-completion-chunk.ts'
import type { ErrorEnvelope } from './openai/error-schema.ts'
import { isTraced, traceObject } from './openai/trace-object.ts'
import { usage } from './openai/usage.ts'
import type { RequestTracker } from './request-tracker.ts'
import { DONE_FRAME, dataFrame, PING_FRAME } from './sse-frame.ts'

export interface ChatFramesOptions {
  readonly first: Promise<ChoiceEvent | null>
  /** False when `first` kept the client waiting so long that it needs a sign of life at once. */
  readonly beganInTime: boolean
  readonly events: ChoiceEvents
  readonly choices: number
  readonly promptTokens: number
  readonly includeUsage: boolean
  readonly chunks: ChunkBuilder
  readonly tracker: RequestTracker
  /** What to tell the client of a failure. */
  readonly report: (error: unknown) => ErrorEnvelope
  /** Called at the end, whichever way it comes. */
  readonly onEnd: () => void
}

/** The frames of a streamed answer. `[DONE]` follows a complete answer only; a failure ends it with an error frame. */
export async function* chatFrames(options: ChatFramesOptions): AsyncGenerator<string, void> {
  const { first, beganInTime, events, choices, promptTokens, includeUsage, chunks, report, onEnd } = options
  const completionTokens: number[] = []
  const frame = choiceFrames(options, completionTokens)
  try {
    if (!beganInTime) yield PING_FRAME
    for (let next = await first; next !== null; next = await events.next()) {
      const text = frame(next)
      if (text !== '') yield text
    }
    if (completionTokens.length < choices) throw new Error('A choice ended without its last event.')
    if (includeUsage) yield dataFrame(chunks.usage(usage(promptTokens, completionTokens)))
    yield DONE_FRAME
  } catch (error) {
    yield dataFrame(report(error))
  } finally {
    onEnd()
  }
}

/** Turns events into frames, the role ahead of a choice's first one. Notes token counts in `completionTokens`. */
function choiceFrames({ chunks, tracker }: ChatFramesOptions, completionTokens: number[]) {
  const started = new Set<number>()
  return ({ choice, event }: ChoiceEvent): string => {
    const role = started.has(choice) ? '' : dataFrame(chunks.role(choice))
    if (event.type === 'answer-end') {
      completionTokens.push(event.completionTokens)
      tracker.choiceEnded(event.completionTokens)
      return role + dataFrame(chunks.finish(choice, event.finishReason))
    }
    if (isTraced(event)) return dataFrame(chunks.trace(traceObject(choice, event)))
    if (event.text === '' && event.tokens.length === 0) return ''
    started.add(choice)
    tracker.textEmitted()
    return role + dataFrame(chunks.text(choice, event.text, event.tokens))
  }
}
