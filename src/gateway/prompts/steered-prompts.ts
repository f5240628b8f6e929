import type { Profile } from '../../profiles/profile.ts'
import {
  type PrivateSystem,
  type RenderPrivateSystemOptions,
  renderPrivateSystem,
  SHARED_SYSTEM_PROMPT,
} from '../../profiles/render-private-system.ts'
import { historyQuery } from '../../profiles/retrieve-history.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { ChatMessage } from '../../steer/upstream.ts'

/** Tokens of the local window that a profile leaves free for an answer whose length the client did not say. */
const RESERVED_ANSWER_TOKENS = 512

/** The conversation as everyone may see it: the client's own, with a system message in any case. */
export function publicConversation(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const hasSystem = messages.some(({ role }) => role === 'system')
  return hasSystem ? messages : [{ role: 'system', content: SHARED_SYSTEM_PROMPT }, ...messages]
}

/** The local model's room for a prompt. */
export interface PromptWindow {
  readonly tokenizer: Tokenizer
  readonly contextTokens: number
  /** What the client asked for. */
  readonly maxTokens: number | undefined
}

/** Tokens that a profile leaves free for the answer. */
export function answerReserve({ maxTokens }: Pick<PromptWindow, 'maxTokens'>): number {
  return Math.min(maxTokens ?? RESERVED_ANSWER_TOKENS, RESERVED_ANSWER_TOKENS)
}

export interface SteeredPrompts {
  /** Holds the profile; must never leave this machine. */
  readonly with: readonly TokenId[]
  readonly without: readonly TokenId[]
}

/**
 * The local pair's two prompts for a public conversation. The profile goes into the system message of the first alone,
 * shortened by whole parts so that both the conversation and the answer still fit the local window.
 * Throws `context_length_exceeded` when not even the profile's facts fit.
 */
export function steeredPrompts(
  conversation: readonly ChatMessage[],
  profile: Profile,
  { tokenizer, contextTokens, maxTokens }: PromptWindow,
): SteeredPrompts {
  const now = new Date()
  const without = tokenizer.encodeChat(conversation, { now })
  const budgetTokens = contextTokens - answerReserve({ maxTokens }) - without.length
  const countTokens = (part: string) => {
    // No text has more tokens than bytes (and a leading mark): where these fit, counting would be the greatest delay.
    const most = Buffer.byteLength(part) + 1
    return most <= budgetTokens ? most : tokenizer.encode(part).length
  }
  const { text } = privateSystem(conversation, profile, { countTokens, budgetTokens })
  const rest = withoutSystem(conversation)
  return { with: tokenizer.encodeChat([{ role: 'system', content: text }, ...rest], { now }), without }
}

/** The system message that the local model gets for a profile when a conversation holds one question. */
export function previewedSystem(
  question: { readonly query: string; readonly system?: string | undefined },
  profile: Profile,
  { tokenizer, contextTokens }: Omit<PromptWindow, 'maxTokens'>,
): PrivateSystem {
  const { query, system } = question
  const conversation = publicConversation([
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    { role: 'user', content: query },
  ])
  const reserved = answerReserve({ maxTokens: undefined }) + tokenizer.encodeChat(conversation).length
  const countTokens = (part: string) => tokenizer.encode(part).length
  return privateSystem(conversation, profile, { countTokens, budgetTokens: contextTokens - reserved })
}

function privateSystem(
  conversation: readonly ChatMessage[],
  profile: Profile,
  window: Pick<RenderPrivateSystemOptions, 'countTokens' | 'budgetTokens'>,
): PrivateSystem {
  const systemText = conversation
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n')
  const questions = conversation.filter(({ role }) => role === 'user').map(({ content }) => content)
  return renderPrivateSystem(profile, {
    query: historyQuery(questions),
    systemText,
    ...window,
  })
}

function withoutSystem(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  return conversation.filter(({ role }) => role !== 'system')
}
