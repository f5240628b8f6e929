import type { FrameShape } from '../answer-frames.ts'
import type { Clock } from '../clock.ts'
import type { ReportedToken } from '../openai/chat-response-schema.ts'
import type { ResponseEvent, WireResponse } from '../openai/response-object-schema.ts'
import { choiceLogprobs } from '../openai/token-logprobs.ts'
import { isTraced } from '../openai/trace-object.ts'
import type { RunningAnswer } from '../running-answer.ts'
import { dataFrame } from '../sse-frame.ts'
import { endedResponse, failedResponse, messageItem, outputText } from './response-object.ts'

const place = { output_index: 0, content_index: 0 } as const

/** A streamed response: numbered events from `response.created` to `response.completed` (or `.incomplete`, `.failed`). */
export function responseFrames(
  { identity, prepared, tracker }: RunningAnswer,
  begun: WireResponse,
  clock: Clock,
): FrameShape {
  let sequence = 0
  const frame = (event: ResponseEvent) => {
    const { type, ...fields } = event
    return `event: ${type}\n${dataFrame({ type, sequence_number: sequence++, ...fields })}`
  }
  const item_id = messageItem(identity.id, 'in_progress', []).id
  const texts: string[] = []
  const logprobs: ReportedToken[] = []
  let ending = ''
  return {
    begin: () =>
      [
        frame({ type: 'response.created', response: begun }),
        frame({ type: 'response.in_progress', response: begun }),
        frame({
          type: 'response.output_item.added',
          output_index: 0,
          item: messageItem(identity.id, 'in_progress', []),
        }),
        frame({ type: 'response.content_part.added', item_id, ...place, part: outputText('', []) }),
      ].join(''),
    event({ event }) {
      if (isTraced(event)) return ''
      if (event.type === 'text-delta') {
        if (event.text === '' && event.tokens.length === 0) return ''
        tracker.textEmitted()
        const reported = choiceLogprobs(event.tokens).content
        texts.push(event.text)
        logprobs.push(...reported)
        return frame({
          type: 'response.output_text.delta',
          item_id,
          ...place,
          delta: event.text,
          logprobs: reported,
        })
      }
      const { finishReason, completionTokens } = event
      tracker.choiceEnded(completionTokens)
      const part = outputText(texts.join(''), logprobs)
      const status = finishReason === 'stop' ? 'completed' : 'incomplete'
      const item = messageItem(identity.id, status, [part])
      const response = endedResponse(begun, {
        item,
        finishReason,
        inputTokens: prepared.promptTokens,
        outputTokens: completionTokens,
        completedAt: clock.unixSeconds(),
      })
      ending = [
        frame({ type: 'response.output_text.done', item_id, ...place, text: part.text, logprobs }),
        frame({ type: 'response.content_part.done', item_id, ...place, part }),
        frame({ type: 'response.output_item.done', output_index: 0, item }),
        frame({ type: `response.${status}`, response }),
      ].join('')
      return ''
    },
    end: () => ending,
    failure: (envelope) => {
      const { code, message, param } = envelope.error
      return [
        frame({ type: 'response.failed', response: failedResponse(begun, envelope) }),
        frame({ type: 'error', code, message, param, error: envelope.error }),
      ].join('')
    },
  }
}
