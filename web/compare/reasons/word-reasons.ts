import { functionWords } from '../../../src/steer/text/function-words.ts'
import type { ProfilePart } from './profile-parts.ts'
import { type FoundWord, foundWords } from './word-key.ts'

/** Where a word of an answer comes from. */
export interface WordReason {
  readonly part: ProfilePart
  /** What the part shares with the answer there, from `start` to before `end` of its text. */
  readonly start: number
  readonly end: number
  /** Whether that begins the part, or ends it but for a name. */
  readonly atStart: boolean
  readonly atEnd: boolean
  /** The answer's words that the part has in a row, from `first` up to and with `last`. */
  readonly first: number
  readonly last: number
}

/** A function word in common says little, but more than none. */
const FUNCTION_WORD_WEIGHT = 0.25
/** Longer runs are no better a reason. */
const LONGEST_RUN = 12

/**
 * Finds for each of the answer's words at `wanted` (indices of its words) the part of the profile that shares
 * the longest run of words with the answer there; a part that lacks the word itself is none. What it cannot
 * find comes from the profile as a whole.
 */
export function wordReasons(
  answer: string,
  wanted: readonly number[],
  parts: readonly ProfilePart[],
): ReadonlyMap<number, WordReason> {
  const said = foundWords(answer)
  const known = parts.map((part) => ({ part, words: foundWords(part.text) }))
  const reasons = new Map<number, WordReason>()
  for (const index of wanted) {
    let best = 0
    for (const { part, words } of known) {
      for (let at = 0; at < words.length; at++) {
        if (words[at]?.key !== said[index]?.key) continue
        const { before, after } = sharedRun(said, words, { index, at })
        const weight = weightOf(answer, said.slice(index - before, index + after + 1))
        if (weight <= best) continue
        best = weight
        reasons.set(index, {
          part,
          start: words[at - before]?.start ?? 0,
          end: words[at + after]?.end ?? 0,
          atStart: at === before,
          atEnd: at + after >= words.length - 2,
          first: index - before,
          last: index + after,
        })
      }
    }
  }
  return reasons
}

/** The most words in a row that an answer has in common with one of the parts. */
export function longestRun(answer: string, parts: readonly ProfilePart[]): number {
  const said = foundWords(answer)
  let longest = 0
  for (const { text } of parts) {
    const words = foundWords(text)
    // Lengths of the runs that end at each word of the part, for the answer's word before
    let lengths = new Uint16Array(words.length + 1)
    for (const { key } of said) {
      const next = new Uint16Array(words.length + 1)
      for (const [at, word] of words.entries()) {
        if (word.key !== key) continue
        next[at + 1] = (lengths[at] ?? 0) + 1
        longest = Math.max(longest, next[at + 1] ?? 0)
      }
      lengths = next
    }
  }
  return longest
}

function sharedRun(
  said: readonly FoundWord[],
  words: readonly FoundWord[],
  { index, at }: { readonly index: number; readonly at: number },
): { readonly before: number; readonly after: number } {
  const isShared = (step: number) => {
    const key = said[index + step]?.key
    return key !== undefined && key === words[at + step]?.key
  }
  let before = 0
  while (before < LONGEST_RUN && isShared(-before - 1)) before += 1
  let after = 0
  while (before + after < LONGEST_RUN && isShared(after + 1)) after += 1
  return { before, after }
}

function weightOf(answer: string, run: readonly FoundWord[]): number {
  return run.reduce((sum, { start, end }) => {
    const isFunctionWord = functionWords.has(answer.slice(start, end).toLowerCase().replaceAll('’', "'"))
    return sum + (isFunctionWord ? FUNCTION_WORD_WEIGHT : 1)
  }, 0)
}
