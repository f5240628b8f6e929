// The one door through which a profile enters a prompt. It decides how many tokens of the window a profile
// may take, which past texts it shows, and that what no question changes comes first. Nothing that it returns
// may be logged or leave this machine.

import type { Profile } from '../../profiles/profile.ts'
import { entryTask } from '../../profiles/rendering/entry-task.ts'
import type { PrivateMessage } from '../../profiles/rendering/private-message.ts'
import { privateProse } from '../../profiles/rendering/private-prose.ts'
import {
  type PrivateTurns,
  type PrivateTurnsOptions,
  privateTurns,
} from '../../profiles/rendering/private-turns.ts'
import { historyQuery } from '../../profiles/rendering/retrieve-history.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { ChatAdaptation } from './chat-adaptations.ts'
import { publicConversation, SHARED_SYSTEM_PROMPT } from './public-conversation.ts'

/** Past texts that stand before a conversation at most: a third gains little, and each takes its time. */
export const HISTORY_LIMIT = 2
/** Past texts that stand before a prompt without chat template at most. */
const PREFACE_HISTORY_LIMIT = 4
/** Among more of them no choice is likely, and their index takes its time. */
const MOST_TRIED_TEXTS = 16
/** Tokens of the window that a profile leaves free for an answer whose length the client did not say. */
const RESERVED_ANSWER_TOKENS = 512
/** Tokens of the window that are left for a conversation which nobody has begun yet. */
const RESERVED_CONVERSATION_TOKENS = 512
/** What a chat template puts around a message takes of the window at most. */
const MARK_TOKENS = 16
/** What the line break behind a preface and the model's first token take of the window at most. */
const SEPARATOR_TOKENS = 4

/** How a profile's past texts stand before a conversation. */
export interface PrivateForm extends Pick<PrivateTurnsOptions, 'order' | 'choose' | 'historyLimit'> {
  /** `turns` makes each a question and its answer, `prose` puts them into the system message. */
  readonly kind: 'turns' | 'prose'
}

/** The form of every prompt of the gateway; others are for comparison alone. */
const ownForm: PrivateForm = { kind: 'turns', historyLimit: HISTORY_LIMIT }

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
export type PromptPreview = Omit<PrivateTurns, 'tokens'> & { readonly tokens: number | null }

/**
 * What stands before a conversation's turns in the private stream, in place of the system messages, whose
 * text it holds: a system message, then past texts as turns of their own. The profile is shortened by whole
 * parts so that both the conversation and its answer still fit the window. Throws `context_length_exceeded`
 * when not even the profile's facts fit.
 */
export function privateMessages(
  profile: Profile,
  conversation: readonly ChatMessage[],
  room: PromptRoom,
  { kind, ...choice }: PrivateForm = ownForm,
): readonly PrivateMessage[] {
  const asked = askedBy(conversation)
  const fit = fitting(besideSystem(room, asked), chatCost(room.tokenizer))
  if (kind === 'turns') return turns(profile, asked, { ...fit, ...choice }).messages
  return [proseMessage(profile, asked, { ...fit, historyLimit: choice.historyLimit })]
}

/**
 * What conversations with the profile begin with, to be computed before any does: what is the same whatever
 * they ask, then that with the past texts which a question without a match gets, and with those for each
 * question like one that a past text has answered. A client's own system prompt stands at the end of the
 * first message.
 */
export function* likelyBeginnings(
  profile: Profile,
  window: PromptWindow,
): Generator<readonly PrivateMessage[]> {
  const { history } = profile
  const fit = fitting({ ...window, publicTokens: RESERVED_CONVERSATION_TOKENS }, chatCost(window.tokenizer))
  const asked = (query: string, historyLimit: number) =>
    turns(profile, { query, systemText: undefined }, { ...fit, historyLimit }).messages
  if (history.length <= HISTORY_LIMIT) return yield asked('', HISTORY_LIMIT)
  yield asked('', 0)
  if (history.length > MOST_TRIED_TEXTS) return
  const seen = new Set<string>()
  for (const query of ['', ...history.map(entryTask)]) {
    const messages = asked(query, HISTORY_LIMIT)
    const key = JSON.stringify(messages)
    if (!seen.has(key)) yield messages
    seen.add(key)
  }
}

interface PrivateChatOptions {
  readonly tokenizer: Tokenizer
  /** For templates that show a date. */
  readonly now: Date
  /** Nothing may be left out. */
  readonly whole?: boolean
  /** The form that the messages take. */
  readonly adapt?: ChatAdaptation
}

/**
 * The private stream's prompt: what stands before a conversation, then its own turns, ready for the
 * assistant's first token.
 */
export function encodePrivateChat(
  before: readonly PrivateMessage[],
  conversation: readonly ChatMessage[],
  { tokenizer, now, whole, adapt = (messages) => messages }: PrivateChatOptions,
): TokenId[] {
  const spoken = before.map(({ role, text }): ChatMessage => ({ role, content: text }))
  const messages = [...spoken, ...conversation.filter(({ role }) => role !== 'system')]
  return tokenizer.encodeChat(adapt(messages), { now, whole })
}

/** What stands before a prompt without chat template in the private stream. Throws as `privateMessages`. */
export function privatePreface(profile: Profile, prompt: string, room: PromptRoom): string {
  const publicTokens = room.publicTokens + SEPARATOR_TOKENS
  const { text } = privateProse(profile, {
    ...fitting({ ...room, publicTokens }, textCost(room.tokenizer)),
    opening: SHARED_SYSTEM_PROMPT,
    query: historyQuery([prompt]),
    historyLimit: PREFACE_HISTORY_LIMIT,
  })
  return `${text}\n\n`
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
  const asked = askedBy(conversation)
  if (window === null) return { ...turns(profile, asked, { ...unlimited, historyLimit }), tokens: null }
  const publicTokens = window.tokenizer.encodeChat(conversation).length
  const { count } = chatCost(window.tokenizer)
  const budgetTokens = budget(besideSystem({ ...window, publicTokens }, asked))
  return turns(profile, asked, { countTokens: count, budgetTokens, historyLimit })
}

const unlimited = { countTokens: () => 0, budgetTokens: Number.POSITIVE_INFINITY }

/** What a prompt takes of the window, in tokens: exactly, and at most, which is quicker to say. */
interface Cost<Rendered> {
  readonly count: (rendered: Rendered) => number
  readonly most: (rendered: Rendered) => number
}

// No text has more tokens than bytes, and a leading mark.
function textCost(tokenizer: Tokenizer): Cost<string> {
  return {
    count: (text) => tokenizer.encode(text).length,
    most: (text) => Buffer.byteLength(text) + 1,
  }
}

function chatCost(tokenizer: Tokenizer): Cost<readonly PrivateMessage[]> {
  // Templates that know no system role need a question to put the system message into.
  const question = [{ role: 'user', content: '' }] as const
  return {
    count: (messages) => encodePrivateChat(messages, question, { tokenizer, now: new Date() }).length,
    most: (messages) =>
      messages.reduce((sum, { text }) => sum + Buffer.byteLength(text) + MARK_TOKENS, MARK_TOKENS),
  }
}

interface Fit<Rendered> {
  readonly countTokens: (rendered: Rendered) => number
  readonly budgetTokens: number
}

/** Counts only where it matters: it would be the greatest delay. */
function fitting<Rendered>(room: PromptRoom, { count, most }: Cost<Rendered>): Fit<Rendered> {
  const budgetTokens = budget(room)
  return {
    countTokens(rendered) {
      const bound = most(rendered)
      return bound <= budgetTokens ? bound : count(rendered)
    },
    budgetTokens,
  }
}

function budget({ contextTokens, maxTokens, publicTokens }: PromptRoom): number {
  return contextTokens - Math.min(maxTokens ?? RESERVED_ANSWER_TOKENS, RESERVED_ANSWER_TOKENS) - publicTokens
}

/** The room beside a client's system prompt, which stands in the private system message instead. */
function besideSystem(room: PromptRoom, { systemText }: Asked): PromptRoom {
  if (systemText === undefined) return room
  const moved = room.tokenizer.encode(systemText).length - MARK_TOKENS
  return { ...room, publicTokens: room.publicTokens - Math.max(0, moved) }
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

type Choice = Omit<PrivateForm, 'kind'>

function turns(profile: Profile, asked: Asked, fit: Fit<readonly PrivateMessage[]> & Choice): PrivateTurns {
  return privateTurns(profile, { ...asked, ...fit, opening: SHARED_SYSTEM_PROMPT })
}

function proseMessage(
  profile: Profile,
  { query, systemText }: Asked,
  { countTokens, ...fit }: Fit<readonly PrivateMessage[]> & Choice,
): PrivateMessage {
  const message = (text: string): PrivateMessage => ({
    role: 'system',
    text: systemText === undefined ? text : `${text}\n\nInstructions for this conversation: ${systemText}`,
  })
  const { text } = privateProse(profile, {
    ...fit,
    query,
    opening: SHARED_SYSTEM_PROMPT,
    countTokens: (prose) => countTokens([message(prose)]),
  })
  return message(text)
}
