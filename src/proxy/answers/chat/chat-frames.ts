import type { AnswerEvent } from '../../../gateway/answer.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { includesUsage } from '../fields/delivery-fields.ts'
import { chunkFrames } from '../wire/chunk-frames.ts'
import { choiceLogprobs } from './chat-completion.ts'
import type { WireChatRequest } from './chat-fields.ts'
import type { ChatCompletionChunk } from './chat-response-schema.ts'

type ChunkChoice = ChatCompletionChunk['choices'][number]

/** A streamed chat answer: the role comes ahead of each choice's first text. */
export function chatFrames(answer: BegunAnswer, body: WireChatRequest): FrameWriter {
  const started = new Set<number>()
  const roleOnce = (index: number): ChunkChoice[] => {
    if (started.has(index)) return []
    started.add(index)
    const delta = { role: 'assistant', content: '' } as const
    return [{ index, delta, logprobs: null, finish_reason: null }]
  }
  return chunkFrames<ChunkChoice>(answer, {
    object: 'chat.completion.chunk',
    withUsage: includesUsage(body),
    chunksOf(index, event) {
      if (event.type === 'call-end') return []
      const role = roleOnce(index)
      if (event.type === 'answer-end') {
        return [...role, { index, delta: {}, logprobs: null, finish_reason: event.finishReason }]
      }
      if (event.type === 'reasoning-delta') {
        const delta = { [answer.reasoningField]: event.text }
        return [...role, { index, delta, logprobs: null, finish_reason: null }]
      }
      if (event.type === 'call-start' || event.type === 'call-arguments') {
        const delta = { tool_calls: [callDelta(event)] }
        return [...role, { index, delta, logprobs: null, finish_reason: null }]
      }
      const logprobs = body.logprobs === true ? choiceLogprobs(event.tokens) : null
      return [...role, { index, delta: { content: event.text }, logprobs, finish_reason: null }]
    },
  })
}

type CallPart = Extract<AnswerEvent, { type: 'call-start' | 'call-arguments' }>

function callDelta(event: CallPart): NonNullable<ChunkChoice['delta']['tool_calls']>[number] {
  const { index } = event
  if (event.type === 'call-arguments') return { index, function: { arguments: event.text } }
  return { index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } }
}
