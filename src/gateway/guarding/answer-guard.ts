// This room owns the guard of one answer: which values are private in it, its conversation as the upstream
// reads it, and its text as the client reads it. It must not know how tokens are chosen, or HTTP.

import { findPatterns } from '../../guard/find-patterns.ts'
import { Guard } from '../../guard/guard.ts'
import { FormMatcher } from '../../guard/matching/form-matcher.ts'
import { type KnownGap, ownerGaps, standingGaps } from '../../guard/owner-gaps.ts'
import { allForms, type PrivateValue } from '../../guard/private-value.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { PublicPrompt } from '../answer-request.ts'
import { maskedStrings, stringsOf } from './masked-strings.ts'

export interface GuardSettings {
  /** Known to this machine alone: from it come the aliases. */
  readonly secret: Uint8Array
  /** Whether what the client sends is masked too. */
  readonly messages: boolean
  /** Whether what has a pattern is private beside what profiles declare. */
  readonly patterns: boolean
}

export interface AnswerGuard<Prompt extends PublicPrompt> {
  readonly guard: Guard
  /** A chat as the upstream reads it; a raw prompt is masked token by token. */
  readonly masked: Prompt
  /** Whether that is another text than the client sent. */
  readonly masksPrompt: boolean
  /** What the client reads where the upstream leaves a gap. */
  readonly gaps: readonly KnownGap[]
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
  parts: GuardParts,
): AnswerGuard<Prompt> | null {
  const sent = prompt.type === 'chat' ? stringsOf(prompt) : [promptText]
  const guard = guardOf(sent, conversationName(prompt, promptText), parts)
  if (guard === null) return null
  const asking = ownerGapsOf(parts.profile, sent).filter(({ value }) => guard.holdsPrivate(value))
  const gaps = [...asking, ...standingGaps(sent)]
  if (!parts.guarding.messages || prompt.type !== 'chat')
    return { guard, masked: prompt, masksPrompt: false, gaps }
  const masked = maskedStrings(prompt, guard)
  return { guard, masked, masksPrompt: JSON.stringify(masked) !== JSON.stringify(prompt), gaps }
}

function ownerGapsOf(profile: Profile | null, conversation: readonly string[]): KnownGap[] {
  if (profile === null) return []
  return ownerGaps(profile.private, { name: profile.name, conversation })
}

/** The guard of a conversation that holds the texts `sent`. */
export function guardOf(
  sent: readonly string[],
  conversation: string,
  { profile, guarding: { secret, messages, patterns } }: GuardParts,
): Guard | null {
  if (profile === null) return null
  const { patterned, handles, texts } = privateParts(profile)
  const values = patterns ? [...profile.private, ...patterned] : profile.private
  if (values.length === 0) return null
  const found = messages && patterns ? sent.flatMap((text) => findPatterns(text, handles)) : []
  const guard = new Guard({
    values: messages ? [...values, ...found] : unsaid(values, sent),
    texts: [...sent, ...texts],
    secret,
    conversation,
  })
  return guard.forms.length === 0 ? null : guard
}

interface PrivateParts {
  /** Those that have a pattern. */
  readonly patterned: readonly PrivateValue[]
  readonly handles: readonly string[]
  /** What an answer may repeat. */
  readonly texts: readonly string[]
}

/** Characters of a profile in which patterns are looked for: its own words first, then past texts. */
const MOST_SEARCHED = 200_000

/** A profile that changes is another object. */
const partsOf = new WeakMap<Profile, PrivateParts>()

function privateParts(profile: Profile): PrivateParts {
  const known = partsOf.get(profile)
  if (known !== undefined) return known
  const { private: declared, name, facts, preferences, writing_style, about, history } = profile
  const handles = declared.filter(({ kind }) => kind === 'person').flatMap(allForms)
  const texts: string[] = []
  let left = MOST_SEARCHED
  for (const text of [
    name,
    ...facts,
    ...preferences,
    ...writing_style,
    about,
    ...history.map((one) => one.text),
  ]) {
    if (left <= 0) break
    texts.push(text.slice(0, left))
    left -= text.length
  }
  const patterned = texts.flatMap((text) => findPatterns(text, handles))
  const parts = { patterned, handles, texts }
  partsOf.set(profile, parts)
  return parts
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
