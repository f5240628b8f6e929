import type { Clock } from '../../clock.ts'
import { dataFrame } from '../../sse/sse-frame.ts'
import type { FrameShape } from '../answer-frames.ts'
import type { ReportedToken } from '../chat/chat-response-schema.ts'
import type { RunningAnswer } from '../running-answer.ts'
import { choiceLogprobs } from '../wire/token-logprobs.ts'
import { isTraced, traceObject } from '../wire/trace-object.ts'
import { endedResponse, failedResponse, messageItem, outputText } from './response-object.ts'
import type { ResponseEvent, WireResponse } from './response-object-schema.ts'

type TextDelta = Extract<ResponseEvent, { type: 'response.output_text.delta' }>

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
  const item = messageItem(identity.id, 'in_progress', [])
  const delta = (text: string, more: Pick<TextDelta, 'logprobs' | 'costeer'>) =>
    frame({ type: 'response.output_text.delta', item_id: item.id, ...place, delta: text, ...more })
  const texts: string[] = []
  const logprobs: ReportedToken[] = []
  let ending: readonly ResponseEvent[] = []
  return {
    begin: () => beginning(begun, item).map(frame).join(''),
    event({ choice, event }) {
      // OpenAI's clients throw at events of a type that they do not know.
      if (isTraced(event)) return delta('', { logprobs: [], costeer: traceObject(choice, event) })
      if (event.type === 'text-delta') {
        if (event.text === '' && event.tokens.length === 0) return ''
        tracker.textEmitted()
        const reported = choiceLogprobs(event.tokens).content
        texts.push(event.text)
        logprobs.push(...reported)
        return delta(event.text, { logprobs: reported })
      }
      const { finishReason, completionTokens: outputTokens } = event
      tracker.choiceEnded(outputTokens)
      const status = finishReason === 'stop' ? 'completed' : 'incomplete'
      const response = endedResponse(begun, {
        item: messageItem(identity.id, status, [outputText(texts.join(''), logprobs)]),
        finishReason,
        inputTokens: prepared.promptTokens,
        outputTokens,
        completedAt: clock.unixSeconds(),
      })
      ending = endOf(response, status)
      return ''
    },
    end: () => ending.map(frame).join(''),
    failure: (envelope) => {
      const { code, message, param } = envelope.error
      return [
        frame({ type: 'response.failed', response: failedResponse(begun, envelope) }),
        frame({ type: 'error', code, message, param, error: envelope.error }),
      ].join('')
    },
  }
}

type MessageItem = WireResponse['output'][number]

function beginning(begun: WireResponse, item: MessageItem): readonly ResponseEvent[] {
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.content_part.added', item_id: item.id, ...place, part: outputText('', []) },
  ]
}

/** The events that close each part of a response, from its text to itself. */
function endOf(response: WireResponse, status: 'completed' | 'incomplete'): readonly ResponseEvent[] {
  return [
    ...response.output.flatMap((item) => [
      ...item.content.flatMap((part): ResponseEvent[] => [
        {
          type: 'response.output_text.done',
          item_id: item.id,
          ...place,
          text: part.text,
          logprobs: part.logprobs,
        },
        { type: 'response.content_part.done', item_id: item.id, ...place, part },
      ]),
      { type: 'response.output_item.done' as const, output_index: 0 as const, item },
    ]),
    { type: `response.${status}`, response },
  ]
}
