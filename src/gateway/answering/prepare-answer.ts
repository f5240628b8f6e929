// This room owns the making of one answer: its prompts, how it is decoded, and its text. It must not know
// files or HTTP.

import { randomInt } from 'node:crypto'
import { GatewayError } from '../../gateway-error.ts'
import type { ModelText } from '../../models/model-text.ts'
import type { Profile } from '../../profiles/profile.ts'
import { onBehalfOf } from '../../slm/encoding-thread/caller-queue.ts'
import type { VocabularyAlignment } from '../../steer/alignment/vocabulary-alignment.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { SteeringSettings } from '../../steer/decoding/decode.ts'
import { newDecodeCounters } from '../../steer/decoding/decode-counters.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { LookaheadSettings } from '../../steer/lookahead/lookahead-settings.ts'
import type { ThrottleState } from '../../steer/lookahead/planning/speculation-throttle.ts'
import { raisesTokens } from '../../steer/sampling/score-adjustments.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { observeSent } from '../../upstream/wrappers/observed-upstream.ts'
import type { AnswerEvent, DecodeReport, PreparedAnswer, SteeringState } from '../answer.ts'
import type { AnswerRequest, OfferedTools, PublicPrompt } from '../answer-request.ts'
import type { ChatEncodingMemory } from '../prompts/chat-encoding-memory.ts'
import { checkTokenCount } from '../prompts/check-token-count.ts'
import { localRawPrompt } from '../prompts/local-raw-prompt.ts'
import type { PromptWindow } from '../prompts/private-prompt.ts'
import { publicConversation } from '../prompts/public-conversation.ts'
import { encodeRawPrompt, steeredRawPrompts } from '../prompts/raw-prompts.ts'
import { type SteeredPrompts, steeredPrompts } from '../prompts/steered-prompts.ts'
import { templateArguments, type UpstreamThinking } from '../prompts/template-arguments.ts'
import { SentRequests } from '../tracing/sent-requests.ts'
import { tracedAnswer } from '../tracing/traced-answer.ts'
import { ChannelPieces, chosenChannels, PlainPieces, type UpstreamChannels } from './answer-pieces.ts'
import { answerText } from './answer-text.ts'
import { decodeChoice } from './decode-choice.ts'

/** Everything that one answer is made with. */
export interface AnswerParts {
  readonly upstream: Upstream
  readonly chatEncoding: ChatEncodingMemory
  /** The upstream's own tokenizer. */
  readonly background: ModelText['background']
  /**
   * The pair behind the prompts speaks the upstream's tokens, also where the local model's vocabulary is
   * another.
   */
  readonly local: { readonly pair: LocalPair; readonly text: ModelText }
  /** Null where both use the same tokens. */
  readonly alignment: VocabularyAlignment | null
  readonly channels: UpstreamChannels
  readonly thinking: UpstreamThinking
  /** Null for a caller without a profile. */
  readonly profile: Profile | null
  readonly steering: SteeringSettings
  /** Of answers whose request sets no limit; at most what the window holds. */
  readonly defaultMaxTokens: number
  /** Asked when decoding begins; null decodes token by token. */
  readonly lookahead: () => LookaheadSettings | null
  /** Called once for each choice that looked ahead, however it ends, before `onFinish`. */
  readonly onLookaheadEnd: (throttle: ThrottleState) => void
  /** Called once for each choice that was read, however it ends. */
  readonly onFinish: (report: DecodeReport) => void
}

/**
 * Renders and checks the prompts of an answer; its tokens are computed when its choices are read.
 * Rejects with `context_length_exceeded` when prompt, or prompt and wanted answer, exceed a model's window.
 */
export async function prepareAnswer(request: AnswerRequest, parts: AnswerParts): Promise<PreparedAnswer> {
  const { upstream } = parts
  const asked = new SentRequests(performance, upstream.vocabulary)
  const { apiKey, user } = request.caller
  const { prompt, steered } = await observeSent(asked.add, () =>
    onBehalfOf(apiKey ?? user ?? '', () => encodePrompts(request, parts)),
  )
  // A function of public numbers alone, since it goes upstream whenever an answer runs unsteered.
  const maxTokens = Math.min(
    request.maxTokens ?? parts.defaultMaxTokens,
    upstream.limits.contextTokens - prompt.length,
  )
  const seed = request.sampling.seed ?? randomInt(2 ** 31)
  return {
    steering: steeringState(request, parts, steered),
    promptTokens: prompt.length,
    choices: Array.from({ length: request.choices }, (_, index) =>
      choice(request, adjustedParts(request, parts), {
        prompt,
        steered,
        maxTokens,
        seed: seed + index,
        // What preparing them all has sent is told once
        sent: index === 0 ? asked : new SentRequests(performance, upstream.vocabulary),
      }),
    ),
  }
}

/** The upstream's prompt and, for a steered answer, the local pair's. */
async function encodePrompts(
  { prompt: sent, signal, maxTokens }: AnswerRequest,
  parts: AnswerParts,
): Promise<Pick<ChoicePrompts, 'prompt' | 'steered'>> {
  const { chatEncoding, local, profile, steering, alignment } = parts
  const { vocabulary, limits } = parts.upstream
  const isSteered = profile !== null && steering.strength > 0 && !hidesItsAnswer(sent, parts)
  const { contextTokens } = local.pair
  /** The local pair's, of which nobody wants more than its window holds. */
  const locally = <Prompts>(encode: (window: PromptWindow) => Prompts) =>
    local.text.background.run((tokenizer) => encode({ tokenizer, contextTokens, maxTokens }), {
      signal,
      atMost: contextTokens,
    })
  if (sent.type === 'chat') {
    const offered = offeredTo(sent.tools)
    await checkTokenCount(
      { messages: sent.messages, ...offered },
      { limits, background: parts.background, signal },
    )
    const conversation = publicConversation(sent.messages)
    const { ending, ...named } = templateArguments(sent.thinking ?? {}, parts.thinking)
    const encoded = await chatEncoding.encode({ messages: conversation, ...offered, ...named }, signal)
    const prompt = ending.length === 0 ? encoded : [...encoded, ...ending]
    checkWindow(prompt, limits.contextTokens, 'messages')
    if (!isSteered) return { prompt, steered: null }
    const now = new Date()
    const steered = await locally((window) => steeredPrompts(conversation, profile, { ...window, now }))
    return { prompt, steered }
  }
  if (sent.type === 'tokens') checkWindow(sent.tokens, limits.contextTokens, 'prompt')
  const prompt = await parts.background.run((tokenizer) => encodeRawPrompt(sent, { tokenizer, vocabulary }), {
    signal,
    atMost: limits.contextTokens,
  })
  checkWindow(prompt, limits.contextTokens, 'prompt')
  if (!isSteered) return { prompt, steered: null }
  const steered = await locally((window) => {
    const { tokenizer } = window
    const own =
      alignment === null ? prompt : localRawPrompt(sent, { tokenizer, upstream: vocabulary, alignment })
    return steeredRawPrompts(own, profile, { ...window, vocabulary: local.text.vocabulary })
  })
  return { prompt, steered }
}

/**
 * A token that a client raises may be any, so that all of them are asked for: a number that no profile
 * changes.
 */
function adjustedParts({ sampling: { adjustments } }: AnswerRequest, parts: AnswerParts): AnswerParts {
  if (adjustments === undefined) return parts
  const { vocabulary, limits } = parts.upstream
  for (const token of adjustments.bias.keys()) {
    if (token < vocabulary.size) continue
    const message = `logit_bias names the token ${token}, and the vocabulary ends at ${vocabulary.size - 1}.`
    throw new GatewayError('invalid_request', message, { param: 'logit_bias' })
  }
  if (!raisesTokens(adjustments)) return parts
  return { ...parts, steering: { ...parts.steering, candidates: limits.maxCandidates } }
}

interface ChoicePrompts {
  readonly prompt: readonly TokenId[]
  readonly steered: SteeredPrompts | null
  readonly maxTokens: number
  readonly seed: number
  readonly sent: SentRequests
}

function choice(
  request: AnswerRequest,
  parts: AnswerParts,
  prompts: ChoicePrompts,
): AsyncIterable<AnswerEvent> {
  if (!request.trace) return choiceEvents(request, parts, prompts)
  const { sent } = prompts
  return tracedAnswer({ upstream: parts.upstream, clock: performance, sent }, (upstream) =>
    choiceEvents(request, { ...parts, upstream }, prompts),
  )
}

function choiceEvents(
  request: AnswerRequest,
  { upstream, local, steering, lookahead, onLookaheadEnd, onFinish, ...parts }: AnswerParts,
  { prompt, steered, maxTokens, seed }: ChoicePrompts,
): AsyncIterable<AnswerEvent> {
  // A raw prompt is continued as it is
  const { prompt: sent } = request
  const chosen = sent.type === 'chat' ? chosenChannels(parts.channels, sent.tools) : null
  const decoded = decodeChoice(
    {
      upstream,
      prompt,
      steering,
      sampling: { ...request.sampling, seed },
      alternatives: request.topLogprobs ?? 0,
      channels: chosen?.channels ?? null,
      endTokens: upstream.vocabulary.endTokens,
      maxTokens,
      clock: performance,
      trace: request.trace,
      counters: newDecodeCounters(),
      signal: request.signal,
    },
    {
      steered: steered === null ? null : { pair: local.pair, prompts: steered },
      lookahead,
      onLookaheadEnd,
      onFinish,
    },
  )
  return answerText(decoded, {
    pieces:
      chosen === null
        ? new PlainPieces(upstream.vocabulary)
        : new ChannelPieces(chosen, chosen.channels.begin(prompt)),
    vocabulary: upstream.vocabulary,
    stop: request.stop,
    reportTokens: request.topLogprobs !== undefined,
  })
}

/** What the upstream's template is told of tools; the local pair's streams hold what a reader reads. */
function offeredTo(offered: OfferedTools | undefined): Pick<ChatPrompt, 'tools' | 'toolChoice'> {
  if (offered === undefined) return {}
  const { tools, choice } = offered
  return choice === 'none' ? { tools, toolChoice: choice } : { tools }
}

/** Whether nobody can tell where in a chat answer the model's thoughts end. */
function hidesItsAnswer({ type }: PublicPrompt, { channels }: AnswerParts): boolean {
  return type === 'chat' && channels === 'unknown-thinking'
}

function steeringState(
  { prompt }: AnswerRequest,
  parts: AnswerParts,
  steered: SteeredPrompts | null,
): SteeringState {
  const { profile, steering } = parts
  if (profile !== null && steering.strength > 0 && hidesItsAnswer(prompt, parts))
    return { state: 'bypassed', reason: 'unknown-thinking' }
  return profile === null || steered === null ? { state: 'off' } : { state: 'on', profile: profile.id }
}

function checkWindow(prompt: readonly number[], contextTokens: number, param: 'messages' | 'prompt'): void {
  if (prompt.length < contextTokens) return
  throw new GatewayError(
    'context_length_exceeded',
    `The request has at least ${prompt.length} tokens, and the upstream model's window holds ${contextTokens}. Shorten its ${param}.`,
    { param },
  )
}
