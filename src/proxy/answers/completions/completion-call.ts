import type { Context } from 'hono'
import type { AnswerRequest, PublicPrompt } from '../../../gateway/answer-request.ts'
import { raisesTokens } from '../../../steer/sampling/score-adjustments.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import type { ProxyEnvironment } from '../../request/proxy-environment.ts'
import type { AnswerCall, CallContext } from '../answer-call.ts'
import { samplingRequest, scoreAdjustments, stopStrings } from '../sampling-request.ts'
import { steeringOverrides } from '../steering-overrides.ts'
import type { SteeringHeaders } from '../wire/steering-schema.ts'
import { completionFrames } from './completion-frames.ts'
import type { WireCompletionRequest } from './completion-request-schema.ts'
import type { Completion } from './completion-response-schema.ts'
import { textCompletion } from './text-completion.ts'
import { completionWithoutEffect, unsteerableCompletion } from './unsteerable-completion.ts'

/** OpenAI's default: a completion has no end of turn to stop at. */
const DEFAULT_MAX_TOKENS = 16

/** Answers of one request that may be decoded side by side. */
const MAX_CHOICES = 64

/** A completion request as the answer handler takes it. */
export function completionCall(
  c: Context<ProxyEnvironment>,
  body: WireCompletionRequest,
  headers: SteeringHeaders,
): AnswerCall<Completion> {
  const adjustments = scoreAdjustments(body)
  const withLogprobs = body.logprobs != null
  return {
    c,
    model: body.model,
    stream: body.stream === true,
    obstacle: unsteerableCompletion(body),
    withoutEffect: completionWithoutEffect(body),
    raisesTokens: adjustments !== null && raisesTokens(adjustments),
    idPrefix: 'cmpl-',
    requests: (context) => completionRequests(body, headers, context),
    complete: ({ identity, prepared, traced }, { choices, traces }) =>
      textCompletion({
        identity,
        choices,
        promptTokens: prepared.promptTokens,
        withLogprobs,
        ...(traced ? { traces } : {}),
      }),
    frames: (answer) =>
      completionFrames(answer, { withLogprobs, includeUsage: body.stream_options?.include_usage === true }),
  }
}

/** One request for each prompt. */
function completionRequests(
  body: WireCompletionRequest,
  headers: SteeringHeaders,
  { model, apiKey, signal }: CallContext,
): AnswerRequest[] {
  if (body.stream_options != null && body.stream !== true) {
    throw invalidField('stream_options', 'stream_options needs stream: true.')
  }
  const prompts = publicPrompts(body.prompt)
  const choices = body.n ?? 1
  if (prompts.length * choices > MAX_CHOICES) {
    throw invalidField(
      'n',
      `${prompts.length} prompts with n: ${choices} are more than ${MAX_CHOICES} answers; send fewer at once.`,
    )
  }
  return prompts.map((prompt) => ({
    model,
    prompt,
    sampling: samplingRequest(body),
    maxTokens: body.max_tokens ?? DEFAULT_MAX_TOKENS,
    stop: stopStrings(body),
    choices,
    ...(body.logprobs == null ? {} : { topLogprobs: body.logprobs }),
    ...steeringOverrides(body, headers, apiKey),
    signal,
  }))
}

function publicPrompts(prompt: WireCompletionRequest['prompt']): PublicPrompt[] {
  if (typeof prompt === 'string') return [{ type: 'text', text: prompt }]
  if (isTokenIds(prompt)) return [{ type: 'tokens', tokens: prompt }]
  return prompt.map((one) =>
    typeof one === 'string' ? { type: 'text', text: one } : { type: 'tokens', tokens: one },
  )
}

function isTokenIds(prompt: string[] | number[] | number[][]): prompt is number[] {
  return typeof prompt[0] === 'number'
}
