import type { Profile } from '../../src/profiles/profile.ts'

/** So many words in the same order do not come together by chance. */
const PHRASE_WORDS = 6
/** A shorter text of a profile counts whole, unless it is a single word. */
const LEAST_WORDS = 2

export interface FoundPhrases {
  /** Phrases of the profile in what was sent, which are neither in the question nor in the answer. */
  readonly found: readonly string[]
  /** Phrases of the profile that the answer itself says: they were sent because they were emitted. */
  readonly said: readonly string[]
}

const WORD_PATTERN = /[\p{L}\p{N}]+/gu
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD_PATTERN) ?? []
}

/** Runs of six words; a text of fewer words is one run. */
function runs(text: string): string[] {
  const words = wordsOf(text)
  if (words.length < LEAST_WORDS) return []
  if (words.length <= PHRASE_WORDS) return [words.join(' ')]
  return words.slice(PHRASE_WORDS - 1).map((_, index) => words.slice(index, index + PHRASE_WORDS).join(' '))
}

/** Every phrase of a profile, from each of its texts; the same one may come again. */
export function* profilePhrases(profile: Profile): Generator<string> {
  const { name, facts, preferences, writing_style, about, history } = profile
  for (const text of [name, ...facts, ...preferences, ...writing_style, about]) yield* runs(text)
  for (const { title, task, text } of history) {
    for (const part of [title ?? '', task ?? '', text]) yield* runs(part)
  }
}

/** Looks for phrases of a profile in what was sent. Each phrase is listed once. */
export function findPhrases(
  phrases: Iterable<string>,
  { sent, question, answer }: { sent: readonly string[]; question: string; answer: string },
): FoundPhrases {
  const inSent = allRuns(sent)
  const asked = allRuns([question])
  const answered = allRuns([answer])
  const seen = new Set<string>()
  for (const phrase of phrases) if (inSent.has(phrase)) seen.add(phrase)
  const unasked = [...seen].filter((phrase) => !asked.has(phrase))
  return {
    found: unasked.filter((phrase) => !answered.has(phrase)),
    said: unasked.filter((phrase) => answered.has(phrase)),
  }
}

/** All runs of up to six words, among which a phrase is found whichever length it has. */
function allRuns(texts: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>()
  for (const text of new Set(texts)) {
    const words = wordsOf(text)
    for (let start = 0; start < words.length; start++) {
      let run = ''
      for (const word of words.slice(start, start + PHRASE_WORDS)) {
        run = run === '' ? word : `${run} ${word}`
        all.add(run)
      }
    }
  }
  return all
}
