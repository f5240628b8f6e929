// This room owns POST /v1/messages and the counting of its tokens: its fields, and how its answers and their
// streams are written, in Anthropic's form. It must not know the other endpoints.
import type { AnswerEndpoint, AskedAnswer } from '../answer-endpoint.ts'
import { leastLimit, stopStrings } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { thinkingRequest } from '../fields/thinking-fields.ts'
import { messageConversation } from './message-conversation.ts'
import {
  messageFields,
  messageRequestSchema,
  messageUser,
  type WireMessageRequest,
} from './message-fields.ts'
import { messageFrames } from './message-frames.ts'
import { wholeMessage } from './message-object.ts'
import type { WireMessageObject } from './message-object-schema.ts'
import { offeredMessageTools } from './message-tools.ts'

export const messageEndpoint: AnswerEndpoint<WireMessageRequest, WireMessageObject> = {
  fields: messageFields,
  schema: messageRequestSchema,
  servedUnsteered: false,
  conversation: 'messages',
  idPrefix: 'msg_',
  userOf: messageUser,
  asked: (body) => [askedMessage(body)],
  complete: wholeMessage,
  frames: messageFrames,
}

function askedMessage(body: WireMessageRequest): AskedAnswer {
  const maxTokens = leastLimit(body.max_tokens)
  const { type } = body.thinking ?? {}
  const thinking = type == null ? {} : { thinking: { type } }
  return {
    prompt: {
      type: 'chat',
      messages: messageConversation(body),
      ...thinkingRequest({ ...thinking, reasoning_effort: body.output_config?.effort }),
      ...offeredMessageTools(body),
    },
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopStrings({ stop: body.stop_sequences }),
    choices: 1,
  }
}
