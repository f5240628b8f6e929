// Scores: what an answer is worth. This room owns what each score means, as a pure function of texts; it
// must not know models, systems or files.

import { l, n } from 'js-rouge'

/**
 * F1 of what two texts share, [0, 1]: single words, pairs of words, and the longest common subsequence of
 * words.
 */
export interface RougeScores {
  readonly rouge1: number
  readonly rouge2: number
  readonly rougeL: number
}

/**
 * ROUGE as Python's rouge-score computes it without stemming: words are runs of a-z and 0-9 in lower case.
 */
export function rouge(answer: string, reference: string): RougeScores {
  const words = [rougeWords(answer).length, rougeWords(reference).length]
  const scored = (least: number, score: () => number) => (words.some((count) => count < least) ? 0 : score())
  const tokenizer = rougeWords
  return {
    rouge1: scored(1, () => n(answer, reference, { n: 1, tokenizer })),
    rouge2: scored(2, () => n(answer, reference, { n: 2, tokenizer })),
    rougeL: scored(1, () => l(answer, reference, { tokenizer, segmenter: (text) => [text] })),
  }
}

function rougeWords(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? []
}
