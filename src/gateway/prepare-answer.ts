import { randomInt } from 'node:crypto'
import { GatewayError } from '../gateway-error.ts'
import type { Profile } from '../profiles/profile.ts'
import type { Tokenizer } from '../slm/text/tokenizer.ts'
import type { SteeringSettings } from '../steer/decode.ts'
import { newDecodeCounters } from '../steer/decode-counters.ts'
import type { LocalPair } from '../steer/local-pair.ts'
import type { TokenId } from '../steer/token-id.ts'
import type { Upstream } from '../steer/upstream.ts'
import type { AnswerEvent, AnswerRequest, DecodeReport, PreparedAnswer, SteeringState } from './answer.ts'
import { answerText } from './answer-text.ts'
import { decodeChoice } from './decode-choice.ts'
import { publicConversation, type SteeredPrompts, steeredPrompts } from './steered-prompts.ts'
import { tracedAnswer } from './traced-answer.ts'

/** Everything that one answer is made with. */
export interface AnswerParts {
  readonly upstream: Upstream
  readonly local: { readonly pair: LocalPair; readonly tokenizer: Tokenizer }
  /** Null for a caller without a profile. */
  readonly profile: Profile | null
  readonly steering: SteeringSettings
  /** Called once for each choice that was read, however it ends. */
  readonly onFinish: (report: DecodeReport) => void
}

/**
 * Renders and checks the prompts of an answer; its tokens are computed when its choices are read.
 * Rejects with `context_length_exceeded` when prompt, or prompt and wanted answer, exceed a model's window.
 */
export async function prepareAnswer(request: AnswerRequest, parts: AnswerParts): Promise<PreparedAnswer> {
  const { upstream, local, profile, steering } = parts
  const conversation = publicConversation(request.messages)
  const prompt = await upstream.encodeChat(conversation, request.signal)
  checkWindow(prompt, upstream.limits.contextTokens, "upstream model's")
  const steered =
    profile === null || steering.strength === 0
      ? null
      : steeredPrompts(conversation, profile, {
          tokenizer: local.tokenizer,
          contextTokens: local.pair.contextTokens,
          maxTokens: request.maxTokens,
        })
  // A function of public numbers alone, since it goes upstream whenever an answer runs unsteered.
  const maxTokens = Math.min(
    request.maxTokens ?? Number.POSITIVE_INFINITY,
    upstream.limits.contextTokens - prompt.length,
  )
  const seed = request.sampling.seed ?? randomInt(2 ** 31)
  return {
    steering: steeringState(profile, steered),
    promptTokens: prompt.length,
    choices: Array.from({ length: request.choices }, (_, index) =>
      choice(request, parts, { prompt, steered, maxTokens, seed: seed + index }),
    ),
  }
}

interface ChoicePrompts {
  readonly prompt: readonly TokenId[]
  readonly steered: SteeredPrompts | null
  readonly maxTokens: number
  readonly seed: number
}

function choice(
  request: AnswerRequest,
  parts: AnswerParts,
  prompts: ChoicePrompts,
): AsyncIterable<AnswerEvent> {
  if (!request.trace) return choiceEvents(request, parts, prompts)
  return tracedAnswer(parts.upstream, performance, (upstream) =>
    choiceEvents(request, { ...parts, upstream }, prompts),
  )
}

function choiceEvents(
  request: AnswerRequest,
  { upstream, local, steering, onFinish }: AnswerParts,
  { prompt, steered, maxTokens, seed }: ChoicePrompts,
): AsyncIterable<AnswerEvent> {
  const { temperature, topP, topK } = request.sampling
  const decoded = decodeChoice(
    {
      upstream,
      prompt,
      steering,
      sampling: { temperature, topP, topK, seed },
      alternatives: request.topLogprobs ?? 0,
      endTokens: upstream.vocabulary.endTokens,
      maxTokens,
      clock: performance,
      trace: request.trace,
      counters: newDecodeCounters(),
      signal: request.signal,
    },
    { steered: steered === null ? null : { pair: local.pair, prompts: steered }, onFinish },
  )
  return answerText(decoded, {
    vocabulary: upstream.vocabulary,
    stop: request.stop,
    reportTokens: request.topLogprobs !== undefined,
  })
}

function steeringState(profile: Profile | null, steered: SteeredPrompts | null): SteeringState {
  return profile === null || steered === null ? { state: 'off' } : { state: 'on', profile: profile.id }
}

function checkWindow(prompt: readonly TokenId[], contextTokens: number, whose: string): void {
  if (prompt.length < contextTokens) return
  throw new GatewayError(
    'context_length_exceeded',
    `The conversation has ${prompt.length} tokens, and the ${whose} window holds ${contextTokens}. Shorten the conversation.`,
    { param: 'messages' },
  )
}
