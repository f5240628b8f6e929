import type { Profile } from '../../profiles/profile.ts'
import { functionWords } from '../../steer/text/function-words.ts'
import { textWords } from './text-words.ts'

/** What tells a person: found in the profile and in several of its past texts. */
export interface PersonMarkers {
  /** First words of letters, such as "hiya"; several where the person uses several. */
  readonly greetings: readonly string[]
  /** Last lines without the name, such as "cheers". */
  readonly signOffs: readonly string[]
  /** The whole name and its parts. */
  readonly names: readonly string[]
  /** Runs of three to five words, each in two past texts at least. */
  readonly phrases: readonly string[]
}

/** For each kind whether an answer holds one; null where the task does not call for it. */
export interface FoundMarkers {
  readonly greeting: boolean | null
  readonly signOff: boolean | null
  readonly name: boolean | null
  readonly phrase: boolean | null
}

const LETTER_TASK =
  /\b(?:e-?mail|letter|message|note|invit\w+|reply|respon\w+|card|post ?card|memo|newsletter)\b/i
const GREETING_LINE = /^[^\n]{1,60}[,!:]\s*(?:\n|$)/
const LONGEST_SIGN_OFF = 40
const phraseLengths = [5, 4, 3]

/** Reads a person's markers off the profile. */
export function personMarkers({ name, history }: Profile): PersonMarkers {
  const texts = history.map(({ text }) => text.trim())
  const parts = name.split(/\s+/).filter((part) => part.length > 2 && !part.endsWith('.'))
  return {
    greetings: unique(texts.flatMap((text) => greetingOf(text) ?? [])),
    signOffs: unique(texts.flatMap((text) => signOffOf(text, parts) ?? [])),
    names: unique([name, ...parts].map((part) => textWords(part).join(' '))),
    phrases: sharedPhrases(texts.map(textWords)),
  }
}

/**
 * Which markers an answer holds. Greeting, sign-off and name are called for by requests for a letter of
 * some kind; phrases wherever the person has any.
 */
export function foundMarkers(answer: string, markers: PersonMarkers, request: string): FoundMarkers {
  const isLetter = LETTER_TASK.test(request)
  const words = ` ${textWords(answer).join(' ')} `
  const holds = (list: readonly string[]) => list.some((entry) => words.includes(` ${entry} `))
  const called = (list: readonly string[], isCalled: boolean, found: () => boolean) =>
    isCalled && list.length > 0 ? found() : null
  return {
    greeting: called(markers.greetings, isLetter, () =>
      markers.greetings.includes(textWords(answer)[0] ?? ''),
    ),
    signOff: called(markers.signOffs, isLetter, () => holds(markers.signOffs)),
    name: called(markers.names, isLetter, () => holds(markers.names)),
    phrase: called(markers.phrases, true, () => holds(markers.phrases)),
  }
}

/** The first word of a first line that greets: it is short and ends as greetings do. */
function greetingOf(text: string): string | null {
  const line = GREETING_LINE.exec(text)?.[0]
  return line === undefined ? null : (textWords(line)[0] ?? null)
}

/** The last line before the name; a line that is longer is text. */
function signOffOf(text: string, names: readonly string[]): string | null {
  const lines = text.split('\n').map((line) => line.trim())
  const kept = lines.filter((line) => line !== '')
  if (kept.length < 3) return null
  const isName = (line: string) =>
    names.some((part) => line.includes(part)) && line.length <= LONGEST_SIGN_OFF
  const ending = kept.at(-1) ?? ''
  const line = isName(ending) ? (kept.at(-2) ?? '') : ending
  const words = textWords(line).filter((word) => !names.some((part) => part.toLowerCase() === word))
  return line.length <= LONGEST_SIGN_OFF && words.length > 0 ? words.join(' ') : null
}

/** Longest first; a phrase inside a longer one that is there as often does not count again. */
function sharedPhrases(texts: readonly (readonly string[])[]): string[] {
  const found: string[] = []
  for (const length of phraseLengths) {
    const counts = new Map<string, number>()
    for (const words of texts) {
      for (const phrase of runs(words, length)) counts.set(phrase, (counts.get(phrase) ?? 0) + 1)
    }
    for (const [phrase, count] of counts) {
      const isOwn = count >= 2 && phrase.split(' ').filter((word) => !functionWords.has(word)).length >= 2
      if (isOwn && !found.some((longer) => longer.includes(phrase))) found.push(phrase)
    }
  }
  return found
}

function runs(words: readonly string[], length: number): Set<string> {
  const all = words.slice(0, Math.max(0, words.length - length + 1))
  return new Set(all.map((_, start) => words.slice(start, start + length).join(' ')))
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== '')
}
