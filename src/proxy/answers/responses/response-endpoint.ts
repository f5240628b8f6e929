// This room owns POST /v1/responses: its fields, and how its answers and their streams are written. It must
// not know the other endpoints.
import type { ChatMessage } from '../../../steer/chat-prompt.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import type { AnswerEndpoint, AskedAnswer, CompleteAnswer } from '../answer-endpoint.ts'
import { publicMessage } from '../fields/conversation.ts'
import { leastLimit } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { thinkingRequest } from '../fields/thinking-fields.ts'
import { reportedToken } from '../wire/token-logprobs.ts'
import {
  isMessage,
  responseFields,
  responseRequestSchema,
  type WireResponseRequest,
} from './response-fields.ts'
import { responseFrames } from './response-frames.ts'
import { begunResponse, endedResponse } from './response-object.ts'
import type { WireResponse } from './response-object-schema.ts'

export const responseEndpoint: AnswerEndpoint<WireResponseRequest, WireResponse> = {
  fields: responseFields,
  schema: responseRequestSchema,
  servedUnsteered: false,
  conversation: 'input',
  idPrefix: 'resp_',
  asked: (body) => [askedAnswer(body)],
  complete: completeResponse,
  frames: responseFrames,
}

function askedAnswer(body: WireResponseRequest): AskedAnswer {
  const maxTokens = leastLimit(body.max_output_tokens)
  const topLogprobs = requestedLogprobs(body)
  return {
    prompt: {
      type: 'chat',
      messages: conversation(body),
      ...thinkingRequest({ reasoning_effort: body.reasoning?.effort }),
    },
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: [],
    choices: 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  }
}

function conversation({ input, instructions }: WireResponseRequest): ChatMessage[] {
  const messages: ChatMessage[] =
    typeof input === 'string'
      ? [{ role: 'user', content: input }]
      : input.filter(isMessage).map(({ role, content }) => publicMessage({ role, content }))
  if (messages.length === 0) throw invalidField('input', 'input holds no message.')
  return instructions == null ? messages : [{ role: 'system', content: instructions }, ...messages]
}

function requestedLogprobs({ include, top_logprobs }: WireResponseRequest): number | undefined {
  if (include?.includes('message.output_text.logprobs') === true) return top_logprobs ?? 0
  return top_logprobs == null || top_logprobs === 0 ? undefined : top_logprobs
}

function completeResponse(answer: CompleteAnswer, body: WireResponseRequest): WireResponse {
  const [choice] = answer.choices
  if (choice === undefined) throw new Error('A response without a choice.')
  const { text, reasoning, tokens, finishReason } = choice
  const said = { reasoning, text, logprobs: tokens.map(reportedToken), finishReason }
  return endedResponse(begunResponse(answer, body), { ...answer, ...said })
}
