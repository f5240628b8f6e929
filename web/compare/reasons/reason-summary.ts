import { t } from '../../texts/texts.ts'
import type { ProfilePart } from './profile-parts.ts'
import type { WordReason } from './word-reasons.ts'

export interface ExplainedAnswer {
  /** Indices of the words that the profile changed. */
  readonly changed: readonly number[]
  /** How many words the answer has. */
  readonly words: number
  readonly reasons: ReadonlyMap<number, WordReason>
}

/** So many words may stand before a greeting, and behind a sign-off. */
const AROUND_WORDS = 1

/** What of the profile an answer has: `3 facts, 2 favourite words, the sign-off`; '' for nothing of it. */
export function reasonSummary({ changed, words, reasons }: ExplainedAnswer): string {
  const facts = new Set<unknown>()
  const preferences = new Set<unknown>()
  const favourites = new Set<string>()
  let greets = false
  let signsOff = false
  for (const index of changed) {
    const reason = reasons.get(index)
    if (reason === undefined) continue
    const { part, atStart, atEnd, first, last } = reason
    const isPhrase = last > first
    if (part.kind === 'fact' || part.kind === 'about') facts.add(part)
    else if (part.kind === 'preference') preferences.add(part)
    else if (isPhrase && first <= AROUND_WORDS && (atStart || asksFor(part, /\b(begin|start|open|greet)/i))) {
      greets = true
    } else if (
      isPhrase &&
      last >= words - 1 - AROUND_WORDS &&
      (atEnd || asksFor(part, /\b(end|sign|clos)/i))
    ) {
      signsOff = true
    } else favourites.add(part.text.slice(reason.start, reason.end).toLowerCase())
  }
  const texts = t().reasons
  const counted = (count: number, words: (count: number) => string) => (count === 0 ? null : words(count))
  const found = [
    greets ? texts.greeting : null,
    counted(facts.size, texts.facts),
    counted(preferences.size, texts.preferences),
    counted(favourites.size, texts.favourites),
    signsOff ? texts.signOff : null,
  ]
  return found.filter((part) => part !== null).join(', ')
}

/** Whether a part is a line on style that says how texts begin, or end. */
function asksFor({ kind, text }: ProfilePart, place: RegExp): boolean {
  return kind === 'style' && place.test(text)
}
