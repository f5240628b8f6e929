// This room owns POST /v1/responses: its fields, and how its answers and their streams are written. It must
// not know the other endpoints.
import type { AnswerEndpoint, AskedAnswer, CompleteAnswer, CompletePart } from '../answer-endpoint.ts'
import { leastLimit } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { thinkingRequest } from '../fields/thinking-fields.ts'
import { offeredTools, type WireFunction } from '../fields/tool-fields.ts'
import { inputConversation } from './input-conversation.ts'
import { responseFields, responseRequestSchema, type WireResponseRequest } from './response-fields.ts'
import { responseFrames } from './response-frames.ts'
import { begunResponse, endedResponse } from './response-object.ts'
import type { WireResponse } from './response-object-schema.ts'
import { ResponseOutput, type SaidEvent } from './response-output.ts'

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
      messages: inputConversation(body),
      ...thinkingRequest({ reasoning_effort: body.reasoning?.effort }),
      ...offeredTools(functions(body), body),
    },
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: [],
    choices: 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  }
}

function functions({ tools }: WireResponseRequest): readonly WireFunction[] {
  return (tools ?? []).flatMap(({ type, name, ...described }) =>
    type === 'function' && name !== undefined ? [{ name, ...described }] : [],
  )
}

function requestedLogprobs({ include, top_logprobs }: WireResponseRequest): number | undefined {
  if (include?.includes('message.output_text.logprobs') === true) return top_logprobs ?? 0
  return top_logprobs == null || top_logprobs === 0 ? undefined : top_logprobs
}

function completeResponse(answer: CompleteAnswer, body: WireResponseRequest): WireResponse {
  const [choice] = answer.choices
  if (choice === undefined) throw new Error('A response without a choice.')
  const { parts, finishReason } = choice
  const begun = begunResponse(answer, body)
  const output = new ResponseOutput(begun.id)
  for (const event of parts.flatMap(saidEvents)) output.say(event)
  output.end(finishReason)
  return endedResponse(begun, { ...answer, items: output.items, finishReason })
}

/** A part as a stream would have told it, so that both ways of asking agree. */
function saidEvents(part: CompletePart): readonly SaidEvent[] {
  if (part.type === 'reasoning') return [{ type: 'reasoning-delta', text: part.text }]
  if (part.type === 'text') return [{ type: 'text-delta', text: part.text, tokens: part.tokens }]
  const { id, name, arguments: json } = part
  return [
    { type: 'call-start', index: 0, id, name },
    { type: 'call-arguments', index: 0, text: json },
  ]
}
