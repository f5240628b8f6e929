import { GatewayError } from '../../gateway-error.ts'
import type { Guard } from '../../guard/guard.ts'
import { guarded as checked, heldBack, unguarded } from '../../guard/public.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import { PrefixCheck } from '../../steer/guard/prefix-check.ts'
import { PublicSequence } from '../../steer/guard/public-sequence.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { runInSlices } from '../../work-slices.ts'
import type { AnswerRequest, OfferedTools, PublicPrompt } from '../answer-request.ts'
import { type AnswerGuard, answerGuard } from '../guarding/answer-guard.ts'
import { tokenGuard } from '../guarding/token-guard.ts'
import { checkTokenCount } from '../prompts/check-token-count.ts'
import { localRawPrompt } from '../prompts/local-raw-prompt.ts'
import type { PromptWindow } from '../prompts/private-prompt.ts'
import { publicConversation } from '../prompts/public-conversation.ts'
import { encodeRawPrompt, steeredRawPrompts, textOf } from '../prompts/raw-prompts.ts'
import { type SteeredPrompts, steeredPrompts } from '../prompts/steered-prompts.ts'
import { templateArguments } from '../prompts/template-arguments.ts'
import type { AnswerParts } from './answer-parts.ts'

export interface EncodedPrompts {
  /** The upstream's: aliases stand in it for private values. */
  readonly prompt: PublicTokens
  /** The local pair's of a steered answer, with the values themselves. */
  readonly steered: SteeredPrompts | null
  /** Null where nothing is private. */
  readonly guarded: GuardedAnswer | null
}

/** What keeps private values out of one answer's queries. */
export interface GuardedAnswer {
  readonly guard: Guard
  readonly decode: DecodeGuard
  /** The prompt as the upstream reads it; a raw one as the client sent it, since its tokens are masked. */
  readonly masked: PublicPrompt
}

/** Of a raw prompt, so many are masked at a time. */
const TOKENS = 16

/** The upstream's prompt and, for a steered answer, the local pair's. */
export async function encodePrompts(
  { prompt: sent, signal, maxTokens }: AnswerRequest,
  parts: AnswerParts,
): Promise<EncodedPrompts> {
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
    await checkTokenCount(
      { messages: sent.messages, ...offeredTo(sent.tools) },
      { limits, background: parts.text.background, signal },
    )
    const conversation = publicConversation(sent.messages)
    const answering = await runInSlices(answerGuard(sent, '', parts), signal)
    const masked = answering?.masked ?? sent
    const { ending, ...named } = templateArguments(masked.thinking ?? {}, parts.thinking)
    const messages = parts.servesChat ? masked.messages : publicConversation(masked.messages)
    const told: ChatPrompt = { messages, ...offeredTo(masked.tools), ...named }
    const chat =
      answering === null ? unguarded(told) : await runInSlices(checked(told, answering.guard), signal)
    const encoded = await chatEncoding.encode(chat, signal)
    // To spread a million tokens takes several times as long
    const whole = encoded.concat(ending)
    checkWindow(whole, limits.contextTokens, 'messages')
    const { prompt, decode } =
      answering === null
        ? { prompt: unguarded(whole), decode: null }
        : await runInSlices(publicTokens(whole, answering, parts.text), signal)
    const guarded = answering && decode && { guard: answering.guard, decode, masked }
    if (!isSteered) return { prompt, steered: null, guarded }
    const now = new Date()
    const steered = await locally((window) => steeredPrompts(conversation, profile, { ...window, now }))
    return { prompt, steered, guarded }
  }
  if (sent.type === 'tokens') checkWindow(sent.tokens, limits.contextTokens, 'prompt')
  const real = await parts.text.background.run(
    (tokenizer) => encodeRawPrompt(sent, { tokenizer, vocabulary }),
    {
      signal,
      atMost: limits.contextTokens,
    },
  )
  const answering = await runInSlices(answerGuard(sent, textOf(real, vocabulary), parts), signal)
  const { prompt, decode } =
    answering === null
      ? { prompt: unguarded(real), decode: null }
      : await runInSlices(maskedTokens(real, answering, parts), signal)
  checkWindow(prompt, limits.contextTokens, 'prompt')
  const guarded = answering && decode && { guard: answering.guard, decode, masked: sent }
  if (!isSteered) return { prompt, steered: null, guarded }
  const steered = await locally((window) => {
    const { tokenizer } = window
    const own =
      alignment === null ? real : localRawPrompt(sent, { tokenizer, upstream: vocabulary, alignment })
    return steeredRawPrompts(own, profile, { ...window, vocabulary: local.text.vocabulary })
  })
  return { prompt, steered, guarded }
}

interface ReadPrompt {
  readonly prompt: PublicTokens
  /** Has read the prompt. */
  readonly decode: DecodeGuard
}

/**
 * A rendered chat, to which the template may have added something, such as today's date. Throws
 * `invalid_request` where it holds a private value.
 */
export function* publicTokens(
  prompt: readonly TokenId[],
  answering: AnswerGuard<PublicPrompt>,
  text: AnswerParts['text'],
): SlicedWork<ReadPrompt> {
  const decode = yield* tokenGuard(answering, text)
  const begun = new PrefixCheck(decode)
  yield* begun.reading(prompt)
  const tokens = begun.publicly(prompt)
  if (tokens === null) throw heldBack()
  return { prompt: tokens, decode: { ...decode, begun } }
}

/** A raw prompt with aliases in place of its private forms, where messages are masked. */
function* maskedTokens(
  sent: readonly TokenId[],
  answering: AnswerGuard<PublicPrompt>,
  { text, guarding }: AnswerParts,
): SlicedWork<ReadPrompt> {
  const decode = yield* tokenGuard(answering, text)
  const sequence = new PublicSequence(unguarded([]), guarding.messages ? decode : null)
  for (const [at, token] of sent.entries()) {
    sequence.take(token)
    if (at % TOKENS === 0) yield
  }
  const prompt = sequence.tokens
  const begun = new PrefixCheck(decode)
  yield* begun.reading(prompt)
  const masksPrompt = prompt.length !== sent.length || prompt.some((id, at) => id !== sent[at])
  return { prompt, decode: { ...decode, masksPrompt, begun } }
}

/** What the upstream's template is told of tools; the local pair's streams hold what a reader reads. */
function offeredTo(offered: OfferedTools | undefined): Pick<ChatPrompt, 'tools' | 'toolChoice'> {
  if (offered === undefined) return {}
  const { tools, choice } = offered
  return choice === 'none' ? { tools, toolChoice: choice } : { tools }
}

/** Whether nobody can tell where in a chat answer the model's thoughts end. */
export function hidesItsAnswer({ type }: PublicPrompt, { channels }: AnswerParts): boolean {
  return type === 'chat' && channels === 'unknown-thinking'
}

function checkWindow(prompt: readonly number[], contextTokens: number, param: 'messages' | 'prompt'): void {
  if (prompt.length < contextTokens) return
  throw new GatewayError(
    'context_length_exceeded',
    `The request has at least ${prompt.length} tokens, and the upstream model's window holds ${contextTokens}. Shorten its ${param}.`,
    { param },
  )
}
