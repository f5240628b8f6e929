import type { AnswerStretch } from '../../src/proxy/answers/trace/answer-words.ts'

/**
 * Words of an answer, and those of which the profile changed a part. Here, words are what stands between
 * spaces.
 */
export function countWords(stretches: readonly AnswerStretch[]): {
  readonly words: number
  readonly changed: number
} {
  let words = 0
  let changed = 0
  let inWord = false
  let isChanged = false
  for (const { pieces, shift } of stretches) {
    const text = pieces.map((piece) => piece.text).join('')
    for (const part of text.match(/\s+|\S+/g) ?? []) {
      if (part.trim() === '') {
        inWord = false
        continue
      }
      if (!inWord) {
        words += 1
        isChanged = false
      }
      inWord = true
      if (shift !== null && !isChanged) {
        changed += 1
        isChanged = true
      }
    }
  }
  return { words, changed }
}
