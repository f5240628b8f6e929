// This room owns POST /v1/completions: its fields, and how its answers and their streams are written. It must
// not know the other endpoints.
import type { PublicPrompt } from '../../../gateway/answer-request.ts'
import { invalidField } from '../../errors/invalid-request.ts'
import type { AnswerEndpoint, AskedAnswer } from '../answer-endpoint.ts'
import { checkStreamOptions, leastLimit, stopStrings } from '../fields/delivery-fields.ts'
import { samplingRequest } from '../fields/sampling-fields.ts'
import { completionFields, completionRequestSchema, type WireCompletionRequest } from './completion-fields.ts'
import { completionFrames } from './completion-frames.ts'
import type { Completion } from './completion-response-schema.ts'
import { textCompletion } from './text-completion.ts'

/** OpenAI's default: a completion has no end of turn to stop at. */
const DEFAULT_MAX_TOKENS = 16

/** Answers of one request that may be decoded side by side. */
const MAX_CHOICES = 64

export const completionEndpoint: AnswerEndpoint<WireCompletionRequest, Completion> = {
  fields: completionFields,
  schema: completionRequestSchema,
  servedUnsteered: false,
  conversation: 'prompt',
  idPrefix: 'cmpl-',
  asked: askedAnswers,
  complete: textCompletion,
  frames: completionFrames,
}

/** One for each prompt. */
function askedAnswers(body: WireCompletionRequest): AskedAnswer[] {
  checkStreamOptions(body)
  const prompts = publicPrompts(body.prompt)
  const choices = body.n ?? 1
  const maxTokens = leastLimit(body.max_tokens ?? DEFAULT_MAX_TOKENS)
  if (prompts.length * choices > MAX_CHOICES) {
    throw invalidField(
      'n',
      `${prompts.length} prompts with n: ${choices} are more than ${MAX_CHOICES} answers; send fewer at once.`,
    )
  }
  return prompts.map((prompt) => ({
    prompt,
    sampling: samplingRequest(body),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopStrings(body),
    choices,
    ...(body.logprobs == null ? {} : { topLogprobs: body.logprobs }),
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
