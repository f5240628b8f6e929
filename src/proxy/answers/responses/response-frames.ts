import type { FinishReason } from '../../../gateway/answer.ts'
import { dataFrame } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import { type ReportedToken, reportedToken } from '../wire/token-logprobs.ts'
import { failedResponseFrames } from './failed-response-frames.ts'
import type { WireResponseRequest } from './response-fields.ts'
import { begunResponse, endedResponse, messageItem, outputText } from './response-object.ts'
import type { ResponseEvent, WireResponse } from './response-object-schema.ts'

type TextDelta = Extract<ResponseEvent, { type: 'response.output_text.delta' }>

const place = { output_index: 0, content_index: 0 } as const

/**
 * A streamed response: numbered events from `response.created` to `response.completed` (or `.incomplete`,
 * `.failed`).
 */
export function responseFrames(answer: BegunAnswer, body: WireResponseRequest): FrameWriter {
  let sequence = 0
  const frame = (event: ResponseEvent) => {
    const { type, ...fields } = event
    return `event: ${type}\n${dataFrame({ type, sequence_number: sequence++, ...fields })}`
  }
  const begun = begunResponse(answer, body)
  const item = messageItem(begun.id, 'in_progress', [])
  const delta = (text: string, more: Pick<TextDelta, 'logprobs' | 'costeer'>) =>
    frame({ type: 'response.output_text.delta', item_id: item.id, ...place, delta: text, ...more })
  const texts: string[] = []
  const logprobs: ReportedToken[] = []
  let finishReason: FinishReason = 'stop'
  return {
    begin: () => beginning(begun, item).map(frame).join(''),
    event({ choice, event }) {
      // OpenAI's clients throw at events of a type that they do not know.
      if (isTraced(event)) return delta('', { logprobs: [], costeer: traceObject(choice, event) })
      if (event.type === 'answer-end') {
        finishReason = event.finishReason
        return ''
      }
      if (event.type !== 'text-delta') return ''
      const reported = event.tokens.map(reportedToken)
      texts.push(event.text)
      logprobs.push(...reported)
      return delta(event.text, { logprobs: reported })
    },
    end(ended) {
      const said = { text: texts.join(''), logprobs, finishReason }
      return ending(endedResponse(begun, { ...answer, ...ended, ...said }))
        .map(frame)
        .join('')
    },
    failure: (envelope) => failedResponseFrames({ response: begun, envelope, number: () => sequence++ }),
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
function ending(response: WireResponse): readonly ResponseEvent[] {
  const parts = response.output.flatMap((item): ResponseEvent[] => [
    ...item.content.flatMap((part): ResponseEvent[] => {
      const at = { item_id: item.id, ...place }
      return [
        { type: 'response.output_text.done', ...at, text: part.text, logprobs: part.logprobs },
        { type: 'response.content_part.done', ...at, part },
      ]
    }),
    { type: 'response.output_item.done', output_index: 0, item },
  ])
  const type = response.status === 'completed' ? 'response.completed' : 'response.incomplete'
  return [...parts, { type, response }]
}
