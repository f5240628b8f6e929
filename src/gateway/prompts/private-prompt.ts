// The one door through which a profile enters a prompt. It decides how many tokens of the window a profile
// may take, which past texts it shows, and that what no question changes comes first. Nothing that it returns
// may be logged or leave this machine.

import type { Profile } from '../../profiles/profile.ts'
import { type PrivateTurnsOptions, privateTurns } from '../../profiles/rendering/private-turns.ts'
import type { LeftOut } from '../../profiles/rendering/profile-parts.ts'
import { renderPrivateSystem } from '../../profiles/rendering/render-private-system.ts'
import { historyQuery } from '../../profiles/rendering/retrieve-history.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { ChatMessage } from '../../steer/upstream.ts'
import { publicConversation, SHARED_SYSTEM_PROMPT } from './public-conversation.ts'

/** Past texts that a prompt holds at most. */
export const HISTORY_LIMIT = 4
/** Tokens of the window that a profile leaves free for an answer whose length the client did not say. */
const RESERVED_ANSWER_TOKENS = 512
/** Tokens of the window that are left for a conversation which nobody has begun yet. */
const RESERVED_CONVERSATION_TOKENS = 512
/** What a template puts around a message takes of the window at most; the public prompt counts its own. */
const MARK_TOKENS = 16
/** What the line break behind a preface and the model's first token take of the window at most. */
const SEPARATOR_TOKENS = 4

/** How a profile's past texts stand before a conversation. */
export interface PrivateForm extends Pick<PrivateTurnsOptions, 'order' | 'choose'> {
  /** `prose` puts them into the system message, `turns` makes each a question and its answer. */
  readonly kind: 'prose' | 'turns'
  /** Past texts at most. */
  readonly historyLimit: number
}

/** The form of every prompt of the gateway. */
const ownForm: PrivateForm = { kind: 'prose', historyLimit: HISTORY_LIMIT }

/** The local model's room for a prompt and its answer. */
export interface PromptWindow {
  readonly tokenizer: Tokenizer
  readonly contextTokens: number
  /** The longest answer that the client wants; undefined when it did not say. */
  readonly maxTokens?: number | undefined
}

/** The window with what the same prompt takes of it without a profile, in tokens. */
export type PromptRoom = PromptWindow & { readonly publicTokens: number }

/** A question whose private prompt somebody wants to read. */
export interface PreviewedQuestion {
  readonly query: string
  /** The client's own system prompt. */
  readonly system?: string | undefined
}

export interface PreviewOptions {
  /** Null where no local model is at hand: nothing is left out then, and no tokens are counted. */
  readonly window: PromptWindow | null
  /** Default: `HISTORY_LIMIT`. */
  readonly historyLimit?: number
}

/** What stands before a conversation, with what of the profile is in it. */
export interface PromptPreview {
  readonly messages: readonly ChatMessage[]
  readonly tokens: number | null
  /** Past texts in the messages. */
  readonly historyEntries: number
  /** What did not fit the window, by kind. */
  readonly leftOut: LeftOut
}

/**
 * What stands before a conversation's turns in the private stream, in place of the system messages, whose
 * text it holds. The profile is shortened by whole parts so that both the conversation and its answer still
 * fit the window. Throws `context_length_exceeded` when not even the profile's facts fit.
 */
export function privateMessages(
  profile: Profile,
  conversation: readonly ChatMessage[],
  room: PromptRoom,
  form = ownForm,
): readonly ChatMessage[] {
  return rendered(profile, askedBy(conversation), { ...fitting(room), form }).messages
}

/**
 * The messages with which `privateMessages` begin whatever a conversation asks: what can be computed before
 * any does.
 */
export function stablePrefix(profile: Profile, window: PromptWindow): readonly ChatMessage[] {
  const dependsOnQuestion = profile.history.length > HISTORY_LIMIT
  const room = { ...window, publicTokens: RESERVED_CONVERSATION_TOKENS }
  const form = { ...ownForm, historyLimit: dependsOnQuestion ? 0 : HISTORY_LIMIT }
  return rendered(profile, askedBy([]), { ...fitting(room), form }).messages
}

/** What stands before a prompt without chat template in the private stream. Throws as `privateMessages`. */
export function privatePreface(profile: Profile, prompt: string, room: PromptRoom): string {
  const publicTokens = room.publicTokens + SEPARATOR_TOKENS
  const asked = { query: historyQuery([prompt]), systemText: undefined }
  const form = { ...ownForm, kind: 'prose' as const }
  const { messages } = rendered(profile, asked, { ...fitting({ ...room, publicTokens }), form })
  return `${readableText(messages)}\n\n`
}

/**
 * What `privateMessages` would give for a conversation of one question, to be read by the profile's owner.
 * Throws as it.
 */
export function previewPrompt(
  profile: Profile,
  { query, system }: PreviewedQuestion,
  { window, historyLimit = HISTORY_LIMIT }: PreviewOptions,
): PromptPreview {
  const conversation = publicConversation([
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    { role: 'user', content: query },
  ])
  const fit = window === null ? unlimited : counting(window, window.tokenizer.encodeChat(conversation).length)
  const form = { ...ownForm, historyLimit }
  const preview = rendered(profile, askedBy(conversation), { ...fit, form })
  return { ...preview, tokens: window === null ? null : preview.tokens }
}

/** The messages of a prompt as one text for people. */
export function readableText(messages: readonly ChatMessage[]): string {
  return messages.map(({ content }) => content).join('\n\n')
}

interface Fit {
  readonly countTokens: (messages: readonly ChatMessage[]) => number
  readonly budgetTokens: number
}

const unlimited = { countTokens: () => 0, budgetTokens: Number.POSITIVE_INFINITY }

/** Counts only where it matters. */
function fitting(room: PromptRoom): Fit {
  const { countTokens, budgetTokens } = counting(room, room.publicTokens)
  return {
    // No text has more tokens than bytes (and what a template puts around it): where these fit, counting
    // would be the greatest delay.
    countTokens(messages) {
      const most = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + MARK_TOKENS, 0)
      return most <= budgetTokens ? most : countTokens(messages)
    },
    budgetTokens,
  }
}

function counting({ tokenizer, contextTokens, maxTokens }: PromptWindow, publicTokens: number) {
  const reserved = Math.min(maxTokens ?? RESERVED_ANSWER_TOKENS, RESERVED_ANSWER_TOKENS)
  return {
    countTokens: (messages: readonly ChatMessage[]) =>
      messages.reduce((sum, { content }) => sum + tokenizer.encode(content).length, 0) +
      (messages.length - 1) * MARK_TOKENS,
    budgetTokens: contextTokens - reserved - publicTokens,
  }
}

interface Asked {
  /** What the past texts should suit. */
  readonly query: string
  readonly systemText: string | undefined
}

function askedBy(conversation: readonly ChatMessage[]): Asked {
  const textsOf = (wanted: ChatMessage['role']) =>
    conversation.filter(({ role }) => role === wanted).map(({ content }) => content)
  const systemText = textsOf('system').join('\n\n')
  return {
    query: historyQuery(textsOf('user')),
    systemText: systemText === SHARED_SYSTEM_PROMPT ? undefined : systemText,
  }
}

function rendered(
  profile: Profile,
  asked: Asked,
  { form, ...fit }: Fit & { readonly form: PrivateForm },
): PromptPreview & { readonly tokens: number } {
  const { kind, ...choice } = form
  const options = { ...asked, ...fit, ...choice, opening: SHARED_SYSTEM_PROMPT }
  if (kind === 'turns') return privateTurns(profile, options)
  const countTokens = (text: string) => fit.countTokens(asMessages(text))
  const { text, ...report } = renderPrivateSystem(profile, { ...options, countTokens })
  return { messages: asMessages(text), ...report }
}

function asMessages(text: string): readonly ChatMessage[] {
  return [{ role: 'system', content: text }]
}
