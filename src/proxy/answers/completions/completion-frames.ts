import { DONE_FRAME, dataFrame } from '../../sse/sse-frame.ts'
import type { FrameShape } from '../answer-frames.ts'
import type { RunningAnswer } from '../running-answer.ts'
import { isTraced, traceObject } from '../wire/trace-object.ts'
import { usage } from '../wire/usage.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'
import { completionChunk } from './text-completion.ts'

/** A streamed completion: chunks of text, then `[DONE]`. */
export function completionFrames(
  { identity, prepared, tracker }: RunningAnswer,
  { withLogprobs, includeUsage }: { withLogprobs: boolean; includeUsage: boolean },
): FrameShape {
  const writers = prepared.choices.map(() => new LegacyLogprobsWriter())
  const completionTokens: number[] = []
  const noUsage = includeUsage ? null : undefined
  const chunk = (choices: Parameters<typeof completionChunk>[1]) =>
    completionChunk(identity, choices, noUsage)
  return {
    begin: () => '',
    event({ choice: index, event }) {
      if (event.type === 'answer-end') {
        completionTokens.push(event.completionTokens)
        tracker.choiceEnded(event.completionTokens)
        return dataFrame(chunk([{ index, text: '', logprobs: null, finish_reason: event.finishReason }]))
      }
      if (isTraced(event)) return dataFrame({ ...chunk([]), costeer: traceObject(index, event) })
      if (event.text === '' && event.tokens.length === 0) return ''
      tracker.textEmitted()
      const logprobs = withLogprobs ? (writers[index]?.write(event.tokens) ?? null) : null
      return dataFrame(chunk([{ index, text: event.text, logprobs, finish_reason: null }]))
    },
    end() {
      const total = usage(prepared.promptTokens, completionTokens)
      return (includeUsage ? dataFrame(completionChunk(identity, [], total)) : '') + DONE_FRAME
    },
    failure: (error) => dataFrame(error),
  }
}
