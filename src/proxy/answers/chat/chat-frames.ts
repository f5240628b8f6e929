import { DONE_FRAME, dataFrame } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { includesUsage } from '../fields/delivery-fields.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import type { WireTrace } from '../trace/trace-schema.ts'
import { usage } from '../wire/usage.ts'
import { choiceLogprobs } from './chat-completion.ts'
import type { WireChatRequest } from './chat-fields.ts'
import type { ChatCompletionChunk } from './chat-response-schema.ts'

type ChunkChoice = ChatCompletionChunk['choices'][number]

/** A streamed chat answer: chunks, the role ahead of each choice's first one, then `[DONE]`. */
export function chatFrames({ identity, promptTokens }: BegunAnswer, body: WireChatRequest): FrameWriter {
  const withUsage = includesUsage(body)
  const withLogprobs = body.logprobs === true
  const started = new Set<number>()
  // Every key is always there; `usage` is null on all chunks but its own, as at OpenAI.
  const chunk = (
    choices: ChunkChoice[],
    more: { usage?: ChatCompletionChunk['usage']; costeer?: WireTrace } = {},
  ) => {
    const { id, created, model, system_fingerprint } = identity
    const head = { id, object: 'chat.completion.chunk', created, model, system_fingerprint, choices } as const
    const whole: ChatCompletionChunk = { ...head, ...(withUsage ? { usage: null } : {}), ...more }
    return dataFrame(whole)
  }
  const roleOnce = (index: number) => {
    if (started.has(index)) return ''
    started.add(index)
    const delta = { role: 'assistant', content: '' } as const
    return chunk([{ index, delta, logprobs: null, finish_reason: null }])
  }
  return {
    begin: () => '',
    event({ choice: index, event }) {
      if (isTraced(event)) return chunk([], { costeer: traceObject(index, event) })
      if (event.type === 'answer-end') {
        return (
          roleOnce(index) + chunk([{ index, delta: {}, logprobs: null, finish_reason: event.finishReason }])
        )
      }
      const logprobs = withLogprobs ? choiceLogprobs(event.tokens) : null
      return (
        roleOnce(index) + chunk([{ index, delta: { content: event.text }, logprobs, finish_reason: null }])
      )
    },
    end: ({ completionTokens }) =>
      (withUsage ? chunk([], { usage: usage(promptTokens, completionTokens) }) : '') + DONE_FRAME,
    failure: (error) => dataFrame(error),
  }
}
