// This room owns the guard of one answer: which values are private in it, its conversation as the upstream
// reads it, and its text as the client reads it. It must not know how tokens are chosen, or HTTP.

import { findPatterns } from '../../guard/find-patterns.ts'
import type { Guard } from '../../guard/guard.ts'
import { makingGuard } from '../../guard/make-guard.ts'
import { FormMatcher } from '../../guard/matching/form-matcher.ts'
import { type KnownGap, ownerGaps, standingGaps } from '../../guard/owner-gaps.ts'
import { allForms, type PrivateValue } from '../../guard/private-value.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { SlicedWork } from '../../sliced-work.ts'
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
export function* answerGuard<Prompt extends PublicPrompt>(
  prompt: Prompt,
  promptText: string,
  parts: GuardParts,
): SlicedWork<AnswerGuard<Prompt> | null> {
  const sent = prompt.type === 'chat' ? yield* stringsOf(prompt) : [promptText]
  const guard = yield* guardOf(sent, conversationName(prompt, promptText), parts)
  if (guard === null) return null
  const asking = (yield* ownerGapsOf(parts.profile, sent)).filter(({ value }) => guard.holdsPrivate(value))
  const gaps = [...asking, ...(yield* standingGaps(sent))]
  if (!parts.guarding.messages || prompt.type !== 'chat')
    return { guard, masked: prompt, masksPrompt: false, gaps }
  const masked = yield* maskedStrings(prompt, guard)
  const written = JSON.stringify(masked)
  yield
  return { guard, masked, masksPrompt: written !== JSON.stringify(prompt), gaps }
}

function* ownerGapsOf(
  profile: Profile | null,
  conversation: readonly string[],
): SlicedWork<readonly KnownGap[]> {
  if (profile === null) return []
  return yield* ownerGaps(profile.private, { name: profile.name, conversation })
}

/** The guard of a conversation that holds the texts `sent`. */
export function* guardOf(
  sent: readonly string[],
  conversation: string,
  { profile, guarding: { secret, messages, patterns } }: GuardParts,
): SlicedWork<Guard | null> {
  if (profile === null) return null
  const { patterned, handles, texts } = yield* privateParts(profile)
  const values = patterns ? [...profile.private, ...patterned] : profile.private
  if (values.length === 0) return null
  const found = messages && patterns ? yield* patternsIn(sent, handles) : []
  const guard = yield* makingGuard({
    values: messages ? [...values, ...found] : yield* unsaid(values, sent),
    texts: [...sent, ...texts],
    secret,
    conversation,
  })
  return guard.forms.length === 0 ? null : guard
}

function* patternsIn(
  texts: readonly string[],
  handles: readonly string[],
): SlicedWork<readonly PrivateValue[]> {
  const found: PrivateValue[][] = []
  for (const text of texts) found.push(yield* findPatterns(text, handles))
  return found.flat()
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

function* privateParts(profile: Profile): SlicedWork<PrivateParts> {
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
  const patterned = yield* patternsIn(texts, handles)
  const parts = { patterned, handles, texts }
  partsOf.set(profile, parts)
  return parts
}

/** The values that the client does not say itself: those that it says are the upstream's to know. */
function* unsaid(
  values: readonly PrivateValue[],
  sent: readonly string[],
): SlicedWork<readonly PrivateValue[]> {
  const said = yield* saidForms(values.flatMap(allForms), sent)
  const left: PrivateValue[] = []
  for (const { kind, ...value } of values) {
    const [first, ...forms] = allForms({ kind, ...value }).filter((form) => !said.has(form))
    if (first !== undefined) left.push({ kind, value: first, forms })
    yield
  }
  return left
}

/** Those of the forms that stand in the texts, which are read once for all of them. */
function* saidForms(forms: readonly string[], sent: readonly string[]): SlicedWork<ReadonlySet<string>> {
  const matcher = yield* FormMatcher.making(forms)
  const said = new Set<string>()
  for (const text of sent) {
    yield* matcher.telling(text, ({ form }) => {
      said.add(forms[form] as string)
      return false
    })
  }
  return said
}

/** What stays the same in all turns. */
function conversationName(prompt: PublicPrompt, promptText: string): string {
  if (prompt.type !== 'chat') return promptText.slice(0, NAME_LENGTH)
  return prompt.messages.find(({ role }) => role === 'user')?.content ?? ''
}

const NAME_LENGTH = 200
