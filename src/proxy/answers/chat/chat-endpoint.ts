// This room owns POST /v1/chat/completions: its fields, and how its answers and their streams are written. It
// must not know the other endpoints.
import { invalidField } from '../../errors/invalid-request.ts'
import type { AnswerEndpoint, AskedAnswer } from '../answer-endpoint.ts'
import { isEmptyTurn, publicMessage } from '../fields/conversation.ts'
import { checkStreamOptions, leastLimit, stopStrings } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { thinkingRequest } from '../fields/thinking-fields.ts'
import { offeredTools } from '../fields/tool-fields.ts'
import { chatCompletion } from './chat-completion.ts'
import { chatFields, chatRequestSchema, type WireChatRequest, type WireMessage } from './chat-fields.ts'
import { chatFrames } from './chat-frames.ts'
import type { ChatCompletion } from './chat-response-schema.ts'

export const chatEndpoint: AnswerEndpoint<WireChatRequest, ChatCompletion> = {
  fields: chatFields,
  schema: chatRequestSchema,
  servedUnsteered: true,
  conversation: 'messages',
  idPrefix: 'chatcmpl-',
  asked: (body) => [askedAnswer(body)],
  complete: chatCompletion,
  frames: chatFrames,
}

function askedAnswer(body: WireChatRequest): AskedAnswer {
  const maxTokens = leastLimit(body.max_tokens, body.max_completion_tokens)
  const topLogprobs = requestedLogprobs(body)
  checkStreamOptions(body)
  return {
    prompt: {
      type: 'chat',
      messages: body.messages.map(chatMessage),
      ...thinkingRequest(body),
      ...offeredTools(functions(body), body),
    },
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopStrings(body),
    choices: body.n ?? 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  }
}

function functions({ tools }: WireChatRequest) {
  return (tools ?? []).flatMap(({ function: called }) => called ?? [])
}

function chatMessage(message: WireMessage, index: number) {
  if (message.role === 'assistant' || !isEmptyTurn(message)) return publicMessage(message)
  const param = `messages[${index}].content`
  throw invalidField(param, `${param} is missing or empty: only an assistant may have said nothing.`)
}

function requestedLogprobs({ logprobs, top_logprobs }: WireChatRequest): number | undefined {
  if (logprobs === true) return top_logprobs ?? 0
  if (top_logprobs == null || top_logprobs === 0) return undefined
  throw invalidField('top_logprobs', 'top_logprobs needs logprobs: true.')
}
