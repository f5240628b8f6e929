import type { FinishReason } from '../../../gateway/answer.ts'
import { dataFrame } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import { type ReportedToken, reportedToken } from '../wire/token-logprobs.ts'
import { failedResponseFrames } from './failed-response-frames.ts'
import type { WireResponseRequest } from './response-fields.ts'
import { begunResponse, endedResponse, messageItem, outputText, reasoningItem } from './response-object.ts'
import type { ResponseEvent, WireItem, WireResponse } from './response-object-schema.ts'

type TextDelta = Extract<ResponseEvent, { type: 'response.output_text.delta' }>

/**
 * A streamed response: numbered events from `response.created` to `response.completed` (or `.incomplete`,
 * `.failed`). An item is added with its first text, and is done before the next one is added.
 */
export function responseFrames(answer: BegunAnswer, body: WireResponseRequest): FrameWriter {
  let sequence = 0
  const frame = (event: ResponseEvent) => {
    const { type, ...fields } = event
    return `event: ${type}\n${dataFrame({ type, sequence_number: sequence++, ...fields })}`
  }
  const frames = (events: readonly ResponseEvent[]) => events.map(frame).join('')
  const begun = begunResponse(answer, body)
  const message = messageItem(begun.id, 'in_progress', [])
  const thoughts: string[] = []
  const texts: string[] = []
  const logprobs: ReportedToken[] = []
  let isMessageAdded = false
  let finishReason: FinishReason = 'stop'
  /** Traces of what came before the message, which they are told beside. */
  let heldTraces: TextDelta[] = []
  const delta = (text: string, more: Pick<TextDelta, 'logprobs' | 'costeer'>): TextDelta => {
    const place = placeOf(message, thoughts.length === 0 ? 0 : 1)
    return { type: 'response.output_text.delta', ...place, delta: text, ...more }
  }
  const messageAdded = (): readonly ResponseEvent[] => {
    if (isMessageAdded) return []
    isMessageAdded = true
    const thought = thoughts.join('')
    const done = thought === '' ? [] : itemDone(reasoningItem(begun.id, 'completed', [thought]), 0)
    const held = heldTraces.map((event) => ({ ...event, output_index: thought === '' ? 0 : 1 }))
    heldTraces = []
    return [...done, ...itemAdded(message, thought === '' ? 0 : 1), ...held]
  }
  return {
    begin: () =>
      frames([
        { type: 'response.created', response: begun },
        { type: 'response.in_progress', response: begun },
      ]),
    event({ choice, event }) {
      // OpenAI's clients throw at events of a type that they do not know.
      if (isTraced(event)) {
        const traced = delta('', { logprobs: [], costeer: traceObject(choice, event) })
        if (isMessageAdded) return frame(traced)
        heldTraces.push(traced)
        return ''
      }
      if (event.type === 'answer-end') {
        finishReason = event.finishReason
        return ''
      }
      if (event.type === 'reasoning-delta') {
        const item = reasoningItem(begun.id, 'in_progress', [])
        const added = thoughts.length === 0 ? itemAdded(item, 0) : []
        thoughts.push(event.text)
        const said = {
          type: 'response.reasoning_text.delta',
          ...placeOf(item, 0),
          delta: event.text,
        } as const
        return frames([...added, said])
      }
      if (event.type !== 'text-delta') return ''
      const reported = event.tokens.map(reportedToken)
      texts.push(event.text)
      logprobs.push(...reported)
      return frames([...messageAdded(), delta(event.text, { logprobs: reported })])
    },
    end(ended) {
      const said = { reasoning: thoughts.join(''), text: texts.join(''), logprobs, finishReason }
      return frames([...messageAdded(), ...ending(endedResponse(begun, { ...answer, ...ended, ...said }))])
    },
    failure: (envelope) => failedResponseFrames({ response: begun, envelope, number: () => sequence++ }),
  }
}

function placeOf({ id }: WireItem, output_index: number) {
  return { item_id: id, output_index, content_index: 0 } as const
}

function itemAdded(item: WireItem, output_index: number): readonly ResponseEvent[] {
  const part = item.type === 'message' ? outputText('', []) : { type: 'reasoning_text' as const, text: '' }
  return [
    { type: 'response.output_item.added', output_index, item },
    { type: 'response.content_part.added', ...placeOf(item, output_index), part },
  ]
}

/** The events that close an item, from its text to itself. */
function itemDone(item: WireItem, output_index: number): readonly ResponseEvent[] {
  const at = placeOf(item, output_index)
  const parts = item.content.flatMap((part): ResponseEvent[] => [
    part.type === 'output_text'
      ? { type: 'response.output_text.done', ...at, text: part.text, logprobs: part.logprobs }
      : { type: 'response.reasoning_text.done', ...at, text: part.text },
    { type: 'response.content_part.done', ...at, part },
  ])
  return [...parts, { type: 'response.output_item.done', output_index, item }]
}

/** The events that close a response, from its message to itself. */
function ending(response: WireResponse): readonly ResponseEvent[] {
  const index = response.output.length - 1
  const message = response.output[index]
  const type = response.status === 'completed' ? 'response.completed' : 'response.incomplete'
  return [...(message === undefined ? [] : itemDone(message, index)), { type, response }]
}
