import { GatewayError } from '../../gateway-error.ts'
import type { Guard } from '../../guard/guard.ts'
import { guarded as checked, heldBack, type Public, unguarded } from '../../guard/public.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import { PrefixCheck } from '../../steer/guard/prefix-check.ts'
import { PublicSequence } from '../../steer/guard/public-sequence.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { AnswerRequest, OfferedTools, PublicPrompt } from '../answer-request.ts'
import { answerGuard } from '../guarding/answer-guard.ts'
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
    const answering = answerGuard(sent, '', parts)
    const masked = answering?.masked ?? sent
    const { ending, ...named } = templateArguments(masked.thinking ?? {}, parts.thinking)
    const messages = parts.servesChat ? masked.messages : publicConversation(masked.messages)
    const chat = publicChat({ messages, ...offeredTo(masked.tools), ...named }, answering?.guard ?? null)
    const encoded = await chatEncoding.encode(chat, signal)
    const guarded = answering && {
      guard: answering.guard,
      decode: tokenGuard(answering, parts.text),
      masked,
    }
    const whole = [...encoded, ...ending]
    checkWindow(whole, limits.contextTokens, 'messages')
    const prompt = publicTokens(whole, guarded?.decode ?? null)
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
  const answering = answerGuard(sent, textOf(real, vocabulary), parts)
  const decode = answering && tokenGuard(answering, parts.text)
  const prompt = maskedTokens(real, parts.guarding.messages ? decode : null)
  checkWindow(prompt, limits.contextTokens, 'prompt')
  const guarded = answering &&
    decode && {
      guard: answering.guard,
      decode: {
        ...decode,
        masksPrompt: prompt.length !== real.length || prompt.some((id, at) => id !== real[at]),
      },
      masked: sent,
    }
  if (!isSteered) return { prompt, steered: null, guarded }
  const steered = await locally((window) => {
    const { tokenizer } = window
    const own =
      alignment === null ? real : localRawPrompt(sent, { tokenizer, upstream: vocabulary, alignment })
    return steeredRawPrompts(own, profile, { ...window, vocabulary: local.text.vocabulary })
  })
  return { prompt, steered, guarded }
}

/** A chat that the upstream may be told. Throws `invalid_request` where a private value is left in it. */
export function publicChat(chat: ChatPrompt, guard: Guard | null): Public<ChatPrompt> {
  return guard === null ? unguarded(chat) : checked(chat, guard)
}

/**
 * A rendered chat, to which the template may have added something, such as today's date. Throws
 * `invalid_request` where it holds a private value.
 */
export function publicTokens(prompt: readonly TokenId[], guard: DecodeGuard | null): PublicTokens {
  if (guard === null) return unguarded(prompt)
  const tokens = new PrefixCheck(guard).publicly(prompt)
  if (tokens === null) throw heldBack()
  return tokens
}

/** A raw prompt with aliases in place of its private forms. */
function maskedTokens(prompt: readonly TokenId[], guard: DecodeGuard | null): PublicTokens {
  const sequence = new PublicSequence(unguarded([]), guard)
  for (const token of prompt) sequence.take(token)
  return sequence.tokens
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
