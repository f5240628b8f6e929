import type { Context } from 'hono'
import type { AnswerRequest } from '../../../gateway/answer-request.ts'
import type { ChatMessage } from '../../../steer/upstream.ts'
import type { Clock } from '../../clock.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import type { ProxyEnvironment } from '../../request/proxy-environment.ts'
import type { AnswerCall, CallContext } from '../answer-call.ts'
import { samplingRequest } from '../sampling-request.ts'
import { steeringOverrides } from '../steering-overrides.ts'
import type { SteeringHeaders } from '../wire/steering-schema.ts'
import { choiceLogprobs } from '../wire/token-logprobs.ts'
import type { WireTrace } from '../wire/trace-schema.ts'
import { responseFrames } from './response-frames.ts'
import { begunResponse, endedResponse, messageItem, outputText } from './response-object.ts'
import type { WireResponse } from './response-object-schema.ts'
import { isMessage, type WireInputItem, type WireResponseRequest } from './response-request-schema.ts'
import { responseWithoutEffect, unsteerableResponse } from './unsteerable-response.ts'

/** A response request as the answer handler takes it. */
export function responseCall(
  c: Context<ProxyEnvironment>,
  { body, headers, clock }: { body: WireResponseRequest; headers: SteeringHeaders; clock: Clock },
): AnswerCall<WireResponse & { readonly costeer?: readonly WireTrace[] }> {
  return {
    c,
    model: body.model,
    stream: body.stream === true,
    obstacle: unsteerableResponse(body),
    withoutEffect: responseWithoutEffect(body),
    raisesTokens: false,
    idPrefix: 'resp_',
    requests: (context) => [responseAnswerRequest(body, headers, context)],
    complete({ identity, prepared, traced }, { choices: [choice], traces }) {
      if (choice === undefined) throw new Error('A response without a choice.')
      const { text, tokens, finishReason, completionTokens } = choice
      const status = finishReason === 'stop' ? 'completed' : 'incomplete'
      const response = endedResponse(begunResponse(body, identity), {
        item: messageItem(identity.id, status, [outputText(text, choiceLogprobs(tokens).content)]),
        finishReason,
        inputTokens: prepared.promptTokens,
        outputTokens: completionTokens,
        completedAt: clock.unixSeconds(),
      })
      return traced ? { ...response, costeer: traces } : response
    },
    frames: (answer) => responseFrames(answer, begunResponse(body, answer.identity), clock),
  }
}

function responseAnswerRequest(
  body: WireResponseRequest,
  headers: SteeringHeaders,
  { model, apiKey, signal }: CallContext,
): AnswerRequest {
  const { max_output_tokens: maxTokens } = body
  const topLogprobs = requestedLogprobs(body)
  return {
    model,
    prompt: { type: 'chat', messages: conversation(body) },
    sampling: samplingRequest(body),
    ...(maxTokens == null ? {} : { maxTokens }),
    stop: [],
    choices: 1,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
    ...steeringOverrides(body, headers, apiKey),
    signal,
  }
}

function conversation({ input, instructions }: WireResponseRequest): ChatMessage[] {
  const messages: ChatMessage[] =
    typeof input === 'string' ? [{ role: 'user', content: input }] : input.filter(isMessage).map(chatMessage)
  if (messages.length === 0) throw invalidField('input', 'input holds no message.')
  return instructions == null ? messages : [{ role: 'system', content: instructions }, ...messages]
}

function chatMessage({ role, content }: WireInputItem): ChatMessage {
  const text =
    typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n')
  return { role: role === 'user' || role === 'assistant' ? role : 'system', content: text }
}

function requestedLogprobs({ include, top_logprobs }: WireResponseRequest): number | undefined {
  if (include?.includes('message.output_text.logprobs') === true) return top_logprobs ?? 0
  return top_logprobs == null || top_logprobs === 0 ? undefined : top_logprobs
}
