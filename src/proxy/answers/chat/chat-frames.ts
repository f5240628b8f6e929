import { DONE_FRAME, dataFrame } from '../../sse/sse-frame.ts'
import type { FrameShape } from '../answer-frames.ts'
import type { RunningAnswer } from '../running-answer.ts'
import { isTraced, traceObject } from '../wire/trace-object.ts'
import { usage } from '../wire/usage.ts'
import { chunkBuilder } from './chat-completion-chunk.ts'

/** A streamed chat answer: chunks, the role ahead of each choice's first one, then `[DONE]`. */
export function chatFrames(
  { identity, prepared, tracker }: RunningAnswer,
  { withLogprobs, includeUsage }: { withLogprobs: boolean; includeUsage: boolean },
): FrameShape {
  const chunks = chunkBuilder({ identity, withLogprobs, withUsage: includeUsage })
  const completionTokens: number[] = []
  const started = new Set<number>()
  return {
    begin: () => '',
    event({ choice, event }) {
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
    },
    end: () =>
      (includeUsage ? dataFrame(chunks.usage(usage(prepared.promptTokens, completionTokens))) : '') +
      DONE_FRAME,
    failure: (error) => dataFrame(error),
  }
}
