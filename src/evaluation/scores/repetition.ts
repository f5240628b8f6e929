import { textWords } from './text-words.ts'

export interface Repetition {
  /** Share of the runs of four words that stood in the text before, [0, 1]. */
  readonly share: number
  /** How often the most frequent run of four words stands in the text. */
  readonly most: number
}

const RUN_WORDS = 4

/** How much a text repeats itself. */
export function repetition(text: string): Repetition {
  const words = textWords(text)
  const counts = new Map<string, number>()
  const runs = Math.max(0, words.length - RUN_WORDS + 1)
  for (let start = 0; start < runs; start++) {
    const run = words.slice(start, start + RUN_WORDS).join(' ')
    counts.set(run, (counts.get(run) ?? 0) + 1)
  }
  return { share: runs === 0 ? 0 : 1 - counts.size / runs, most: Math.max(0, ...counts.values()) }
}
