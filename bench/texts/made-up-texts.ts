// This room owns profiles of many made-up texts, and how long what is done with them holds others up. It must
// not know how texts are found.

import type { HistoryEntry } from '../../src/profiles/profile.ts'

/** As many different words as letters of one person have. */
const VOCABULARY = 20_000
const WORDS_OF_TEXT = 170
const TOPIC_WORDS = 10
/** Every so many words of a text one belongs to what it is about. */
const TOPIC_SHARE = 6
const WORDS_OF_TASK = 12
/** Of a question: those of the text's topic. */
const ASKED_WORDS = 3

export interface AskedText {
  readonly question: string
  readonly index: number
}

/** Letters of made-up words, as often as words are in prose, each about something; the same each time. */
export function madeUpTexts(count: number): {
  readonly history: readonly HistoryEntry[]
  readonly asked: readonly AskedText[]
} {
  const random = randomNumbers(1)
  const vocabulary = Array.from({ length: VOCABULARY }, (_, index) => madeUpWord(index))
  const frequent = () => vocabulary[Math.floor(VOCABULARY ** random() - 1)] as string
  const rare = () => vocabulary[Math.floor(random() * VOCABULARY)] as string
  const history: HistoryEntry[] = []
  const asked: AskedText[] = []
  for (let index = 0; index < count; index++) {
    const topic = Array.from({ length: TOPIC_WORDS }, rare)
    const word = () =>
      random() < 1 / TOPIC_SHARE ? (topic[Math.floor(random() * TOPIC_WORDS)] as string) : frequent()
    const date = `20${10 + (index % 15)}-0${1 + (index % 9)}-1${index % 10}`
    history.push({ task: sentence(WORDS_OF_TASK, frequent), text: sentence(WORDS_OF_TEXT, word), date })
    const about = Array.from({ length: ASKED_WORDS }, (_, place) => topic[place] as string)
    asked.push({ question: `${sentence(WORDS_OF_TASK, frequent)} ${about.join(' ')}`, index })
  }
  return { history, asked }
}

function sentence(count: number, word: () => string): string {
  return Array.from({ length: count }, (_, place) => (place % 12 === 11 ? `${word()}.` : word())).join(' ')
}

function madeUpWord(index: number): string {
  const [consonants, vowels] = ['bdfgklmnprstvz', 'aeiou']
  let word = ''
  for (let rest = index + 70; rest > 0; rest = Math.floor(rest / 70)) {
    word += `${consonants[rest % 14]}${vowels[Math.floor(rest / 14) % 5]}`
  }
  return word
}

/** A linear congruential generator, from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
