// This room owns POST /api/chat, POST /api/generate and GET /api/tags: answers in Ollama's form, for clients
// that speak no other. It must not know the other endpoints.
import { callArgumentsText } from '../../../steer/channels/tool-calls/call-arguments.ts'
import type { ChatMessage } from '../../../steer/chat-prompt.ts'
import type { AnswerEndpoint, AskedAnswer } from '../answer-endpoint.ts'
import { publicMessage } from '../fields/conversation.ts'
import { leastLimit, stopStrings } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { thinkingRequest } from '../fields/thinking-fields.ts'
import { offeredTools } from '../fields/tool-fields.ts'
import {
  ollamaChatFields,
  ollamaChatSchema,
  ollamaGenerateFields,
  ollamaGenerateSchema,
  type WireOllamaChat,
  type WireOllamaGenerate,
} from './ollama-fields.ts'
import { chatShape, generateShape, ollamaLines, ollamaReply } from './ollama-reply.ts'
import type { OllamaChatReply, OllamaGenerateReply } from './ollama-reply-schema.ts'

const shared = {
  servedUnsteered: false,
  passedOn: false,
  idPrefix: '',
  streams: ({ stream }: { readonly stream?: boolean | null | undefined }) => stream !== false,
  streamHeaders: {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  },
} as const

export const ollamaChatEndpoint: AnswerEndpoint<WireOllamaChat, OllamaChatReply> = {
  ...shared,
  fields: ollamaChatFields,
  schema: ollamaChatSchema,
  conversation: 'messages',
  asked: (body) => {
    const functions = (body.tools ?? []).flatMap(({ function: called }) => called ?? [])
    const prompt = { type: 'chat' as const, messages: body.messages.map(chatMessage) }
    return [{ prompt: { ...prompt, ...thinking(body), ...offeredTools(functions, {}) }, ...asked(body) }]
  },
  complete: (answer, body) => ollamaReply(answer, chatShape, body.logprobs === true),
  frames: (answer, body) => ollamaLines(answer, chatShape, body.logprobs === true),
}

export const ollamaGenerateEndpoint: AnswerEndpoint<WireOllamaGenerate, OllamaGenerateReply> = {
  ...shared,
  fields: ollamaGenerateFields,
  schema: ollamaGenerateSchema,
  conversation: 'prompt',
  asked: (body) => {
    if (body.raw === true) return [{ prompt: { type: 'text', text: body.prompt }, ...asked(body) }]
    const system = body.system ? [{ role: 'system' as const, content: body.system }] : []
    const messages = [...system, { role: 'user' as const, content: body.prompt }]
    return [{ prompt: { type: 'chat', messages, ...thinking(body) }, ...asked(body) }]
  },
  complete: (answer, body) => ollamaReply(answer, generateShape, body.logprobs === true),
  frames: (answer, body) => ollamaLines(answer, generateShape, body.logprobs === true),
}

function asked(body: WireOllamaChat | WireOllamaGenerate): Omit<AskedAnswer, 'prompt'> {
  const { options, costeer, logprobs, top_logprobs: topLogprobs } = body
  const limit = options?.num_predict
  const maxTokens = leastLimit(limit === -2 ? -1 : limit)
  return {
    sampling: samplingRequest({ ...options, costeer }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopStrings({ stop: options?.stop }),
    choices: 1,
    ...(logprobs === true ? { topLogprobs: topLogprobs ?? 0 } : {}),
  }
}

function thinking({ think }: WireOllamaChat | WireOllamaGenerate) {
  return thinkingRequest(typeof think === 'string' ? { reasoning_effort: think } : { enable_thinking: think })
}

function chatMessage(message: WireOllamaChat['messages'][number], at: number): ChatMessage {
  const { role, content, tool_calls: calls, tool_name: name, tool_call_id } = message
  const said = publicMessage({
    role,
    content,
    tool_call_id,
    tool_calls: (calls ?? []).map(({ id, function: called }, index) => ({
      id: id ?? `call_${at}_${index}`,
      function: { name: called.name, arguments: callArgumentsText(called.arguments) },
    })),
  })
  return role === 'tool' && name != null ? { ...said, name } : said
}
