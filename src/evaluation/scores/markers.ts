import type { Profile } from '../../profiles/profile.ts'
import { functionWords } from '../../steer/text/function-words.ts'
import { textWords } from './text-words.ts'

/** What tells a person: found in the profile and in several of its past texts. */
export interface PersonMarkers {
  /** What letters begin with, such as "hiya" or "ahoy there"; several where the person uses several. */
  readonly greetings: readonly string[]
  /** Last lines without the name, such as "cheers". */
  readonly signOffs: readonly string[]
  /** The whole name, its parts, and what stands below a sign-off. */
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
const FIRST_LINE = /^[^\n]{1,60}(?:\n|$)/
const GREETING_END = /[,!:]\s*$/
const SUBJECT_LINE = /^\W*(?:subject|betreff|re)\b[^\n]*\n\s*/i
const LONGEST_SIGN_OFF = 40
const phraseLengths = [5, 4, 3]

/** Reads a person's markers off the profile. */
export function personMarkers({ name, history }: Profile): PersonMarkers {
  const texts = history.map(({ text }) => text.trim())
  const parts = name.split(/\s+/).filter((part) => part.length > 2 && !part.endsWith('.'))
  const endings = texts.flatMap((text) => endingOf(text, parts) ?? [])
  const signed = endings.flatMap((ending) => ending.signed ?? [])
  return {
    greetings: greetingsOf(texts),
    signOffs: unique(endings.flatMap((ending) => ending.signOff ?? [])),
    names: unique([name, ...parts, ...signed].map((part) => textWords(part).join(' '))),
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
    greeting: called(markers.greetings, isLetter, () => {
      const beginning = `${textWords(answer.replace(SUBJECT_LINE, '')).join(' ')} `
      return markers.greetings.some((entry) => beginning.startsWith(`${entry} `))
    }),
    signOff: called(markers.signOffs, isLetter, () => holds(markers.signOffs)),
    name: called(markers.names, isLetter, () => holds(markers.names)),
    phrase: called(markers.phrases, true, () => holds(markers.phrases)),
  }
}

/**
 * A first line that ends as greetings do is one; of other first lines, what several texts share. Where
 * several texts greet alike, the words that they share are the greeting, without the name of whom they greet.
 */
function greetingsOf(texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => {
    const line = FIRST_LINE.exec(text)?.[0]
    return line === undefined ? [] : [{ words: textWords(line), greets: GREETING_END.test(line) }]
  })
  return unique(
    lines.flatMap(({ words, greets }, index) => {
      const shared = lines
        .filter((_, other) => other !== index)
        .map((other) => sharedBeginning(words, other.words))
        .filter((beginning) => beginning.length >= (greets ? 1 : 2))
        .toSorted((a, b) => a.length - b.length)
      return (shared[0] ?? (greets ? words.slice(0, 1) : [])).join(' ')
    }),
  )
}

function sharedBeginning(words: readonly string[], others: readonly string[]): string[] {
  const differs = words.findIndex((word, index) => word !== others[index])
  return words.slice(0, differs === -1 ? words.length : differs)
}

interface Ending {
  readonly signOff: string | null
  /** The name as the letter is signed. */
  readonly signed: string | null
}

/**
 * The last line before the name, and the name. A last line is a name when it holds one, or when the line
 * before it is short and ends with a comma. A line that is longer is text.
 */
function endingOf(text: string, names: readonly string[]): Ending | null {
  const lines = text.split('\n').map((line) => line.trim())
  const kept = lines.filter((line) => line !== '')
  if (kept.length < 3) return null
  const [before = '', ending = ''] = kept.slice(-2)
  const isShort = (line: string) => line.length <= LONGEST_SIGN_OFF
  const isName =
    isShort(ending) &&
    (names.some((part) => ending.includes(part)) || (isShort(before) && before.endsWith(',')))
  const line = isName ? before : ending
  const words = textWords(line).filter((word) => !names.some((part) => part.toLowerCase() === word))
  return {
    signOff: isShort(line) && words.length > 0 ? words.join(' ') : null,
    signed: isName ? ending : null,
  }
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
