import type { TextPiece } from '../../src/proxy/answers/trace/align-tokens.ts'
import { isMoved } from '../../src/proxy/answers/trace/moved-token.ts'

/**
 * Words of an answer, and those of which the profile changed a part. Words are what stands between spaces.
 */
export function countWords(pieces: readonly TextPiece[]): {
  readonly words: number
  readonly changed: number
} {
  let words = 0
  let changed = 0
  let inWord = false
  let isChanged = false
  for (const { text, trace } of pieces) {
    const moved = trace !== null && isMoved(trace)
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
      if (moved && !isChanged) {
        changed += 1
        isChanged = true
      }
    }
  }
  return { words, changed }
}
