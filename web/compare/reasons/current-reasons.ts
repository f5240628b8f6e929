import { computed } from '@preact/signals'
import { answeredAs, answeredRead, steered, words } from '../../state/comparison.ts'
import { countWords } from '../count-words.ts'
import { overdone } from './answer-effect.ts'
import { profileParts } from './profile-parts.ts'
import { reasonSummary } from './reason-summary.ts'
import { foundWords } from './word-key.ts'
import { type WordReason, wordReasons } from './word-reasons.ts'

/** What the local model read for the shown answer; null where the page may not know it. */
const parts = computed(() => {
  const profile = answeredAs.value
  return profile === null ? null : profileParts(profile, answeredRead.value ?? [])
})

/** The answer as its words' pieces say it, with where each changed word begins in it. */
const changedWords = computed(() => {
  let text = ''
  const starts: { readonly start: number; readonly positions: readonly number[] }[] = []
  for (const { pieces, shift } of words.value) {
    const positions = pieces.flatMap(({ trace }) => trace?.position ?? [])
    if (shift !== null) starts.push({ start: text.length, positions })
    text += pieces.map((piece) => piece.text).join('')
  }
  return { text, starts }
})

/** The answer's words by index, those of them that the profile changed, and where these come from. */
const explained = computed(() => {
  const { text, starts } = changedWords.value
  const all = foundWords(text)
  const changed = starts.flatMap(({ start }) => {
    const index = all.findIndex((word) => word.end > start)
    return index === -1 ? [] : [index]
  })
  return { words: all.length, changed, reasons: wordReasons(text, changed, parts.value ?? []) }
})

/** Why the word at a token's place is there: null where nothing says, undefined for one that is no change. */
export function reasonAt(position: number): WordReason | null | undefined {
  if (parts.value === null) return undefined
  const at = changedWords.value.starts.findIndex(({ positions }) => positions.includes(position))
  if (at === -1) return undefined
  const index = explained.value.changed[at]
  return (index === undefined ? undefined : explained.value.reasons.get(index)) ?? null
}

/** What of the profile the answer has, in one line; '' where the page does not know. */
export const summaryLine = computed(() => reasonSummary(explained.value))

/** How many words the profile changed. */
export const counted = computed(() => countWords(words.value))

/** What tells that the answer's strength was too much; null where nothing does. */
export const excess = computed(() =>
  parts.value === null ? null : overdone(steered.value.text, parts.value),
)
