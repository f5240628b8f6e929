// This room owns the guard of one answer: which values are private in it, its conversation as the upstream
// reads it, and its text as the client reads it. It must not know how tokens are chosen, or HTTP.

import { findPatterns } from '../../guard/find-patterns.ts'
import { Guard } from '../../guard/guard.ts'
import { FormMatcher } from '../../guard/matching/form-matcher.ts'
import { allForms, type PrivateValue } from '../../guard/private-value.ts'
import type { Profile } from '../../profiles/profile.ts'
import { mappedStrings } from '../../slm/text/mapped-strings.ts'
import type { PublicPrompt } from '../answer-request.ts'

export interface GuardSettings {
  /** Known to this process alone: from it come the aliases. */
  readonly secret: Uint8Array
  /** Whether what the client sends is masked too. */
  readonly messages: boolean
}

export interface AnswerGuard<Prompt extends PublicPrompt> {
  readonly guard: Guard
  /** A chat as the upstream reads it; a raw prompt is masked token by token. */
  readonly masked: Prompt
  /** Whether that is another text than the client sent. */
  readonly masksPrompt: boolean
}

interface GuardParts {
  /** Null for a caller without a profile. */
  readonly profile: Profile | null
  readonly guarding: GuardSettings
}

/**
 * The guard of an answer; null where the profile in force has no private values. `promptText` is what a raw
 * prompt reads.
 */
export function answerGuard<Prompt extends PublicPrompt>(
  prompt: Prompt,
  promptText: string,
  { profile, guarding: { secret, messages } }: GuardParts,
): AnswerGuard<Prompt> | null {
  if (profile === null) return null
  const { private: declared, ...rest } = profile
  const handles = declared.filter(({ kind }) => kind === 'person').flatMap(allForms)
  const found = (texts: readonly string[]) => texts.flatMap((text) => findPatterns(text, handles))
  const own = stringsOf(rest)
  const values = [...declared, ...found(own)]
  if (values.length === 0) return null
  const sent = prompt.type === 'chat' ? stringsOf(prompt) : [promptText]
  const guard = new Guard({
    values: messages ? [...values, ...found(sent)] : unsaid(values, sent),
    texts: [...sent, ...own],
    secret,
    conversation: conversationName(prompt, promptText),
  })
  if (guard.forms.length === 0) return null
  if (!messages || prompt.type !== 'chat') return { guard, masked: prompt, masksPrompt: false }
  const masked = maskedChat(prompt, guard)
  return { guard, masked, masksPrompt: JSON.stringify(masked) !== JSON.stringify(prompt) }
}

/** A chat with aliases in all its texts, names and keys. */
function maskedChat<Chat extends PublicPrompt>(chat: Chat, guard: Guard): Chat {
  const key = (text: string) => guard.mask(text)
  return mappedStrings(chat, { key, text: (text) => guard.mask(maskedJson(text, guard)) })
}

/** A text that is JSON, masked in its strings, which may be written with escapes; any other as it is. */
function maskedJson(text: string, guard: Guard): string {
  if (!/^\s*[{[]/.test(text)) return text
  try {
    const content: unknown = JSON.parse(text)
    const key = (one: string) => guard.mask(one)
    const masked = mappedStrings(content, { key, text: key })
    return JSON.stringify(masked) === JSON.stringify(content) ? text : JSON.stringify(masked)
  } catch {
    return text
  }
}

/** The values that the client does not say itself: those that it says are the upstream's to know. */
function unsaid(values: readonly PrivateValue[], sent: readonly string[]): PrivateValue[] {
  return values.flatMap(({ kind, ...value }) => {
    const isUnsaid = (form: string) => {
      const own = new FormMatcher([form])
      return sent.every((text) => own.find(text).length === 0)
    }
    const [first, ...forms] = allForms({ kind, ...value }).filter(isUnsaid)
    return first === undefined ? [] : [{ kind, value: first, forms }]
  })
}

/** What stays the same in all turns. */
function conversationName(prompt: PublicPrompt, promptText: string): string {
  if (prompt.type !== 'chat') return promptText.slice(0, NAME_LENGTH)
  return prompt.messages.find(({ role }) => role === 'user')?.content ?? ''
}

const NAME_LENGTH = 200

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    Array.isArray(value) ? stringsOf(one) : [...(key.includes(' ') ? [key] : []), ...stringsOf(one)],
  )
}
