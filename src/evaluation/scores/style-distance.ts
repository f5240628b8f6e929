import { functionWords } from '../../steer/text/function-words.ts'
import { textWords } from './text-words.ts'

/** How far a text's style is from a person's past texts; each [0, 1], 0 is the same. */
export interface StyleDistance {
  /** Jensen-Shannon distance between the frequencies of function words. */
  readonly functionWords: number
  /**
   * Jensen-Shannon distance between the frequencies of punctuation marks, line breaks and spaces among
   * them.
   */
  readonly punctuation: number
  /** |log| of the ratio of the mean lengths of sentences in words, at most 1: twice as long is 0.69. */
  readonly sentenceLength: number
  /** The mean of the three. */
  readonly overall: number
}

const SENTENCE_END = /[.!?]+(?:\s|$)/
const MARKS = /[.,;:!?…—–\-'"“”‘’()[\]*#/&\n]/g

/** Longer texts give steadier frequencies: compare answers of a like length. */
export function styleDistance(answer: string, texts: readonly string[]): StyleDistance {
  const own = texts.join('\n')
  const wordsOf = (text: string) => textWords(text).filter((word) => functionWords.has(word))
  const parts = {
    functionWords: jensenShannon(counts(wordsOf(answer)), counts(wordsOf(own))),
    punctuation: jensenShannon(counts(marks(answer)), counts(marks(own))),
    sentenceLength: Math.min(1, Math.abs(Math.log(sentenceWords(answer) / sentenceWords(own)))),
  }
  const sum = parts.functionWords + parts.punctuation + parts.sentenceLength
  return { ...parts, overall: sum / 3 }
}

/** With a stand-in for each word, so that more punctuation is more of it and not only another mixture. */
function marks(text: string): string[] {
  return [...(text.match(MARKS) ?? []), ...textWords(text).map(() => 'word')]
}

function sentenceWords(text: string): number {
  const sentences = text.split(SENTENCE_END).filter((sentence) => /\p{L}/u.test(sentence))
  return Math.max(1, textWords(text).length) / Math.max(1, sentences.length)
}

function counts(items: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const item of items) found.set(item, (found.get(item) ?? 0) + 1)
  return found
}

/** The square root of the divergence to base 2; 1 where one has nothing. */
function jensenShannon(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const total = (map: ReadonlyMap<string, number>) => [...map.values()].reduce((sum, value) => sum + value, 0)
  const [totalA, totalB] = [total(a), total(b)]
  if (totalA === 0 || totalB === 0) return totalA === totalB ? 0 : 1
  let divergence = 0
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [p, q] = [(a.get(key) ?? 0) / totalA, (b.get(key) ?? 0) / totalB]
    const middle = (p + q) / 2
    for (const share of [p, q]) if (share > 0) divergence += (share / 2) * Math.log2(share / middle)
  }
  return Math.sqrt(Math.max(0, divergence))
}
