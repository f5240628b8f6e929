import { tokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'

/** Models of one family differ in no more than a handful of marks, which later ones add in unused rows. */
const MOST_OF_ONE_SIDE = 64

/**
 * Whether ids mean the same in both vocabularies, but for tokens that one of them has alone: Qwen3 has marks
 * for thoughts where Qwen2.5 has rows that nothing uses.
 */
export function haveSameTokens(left: Vocabulary, right: Vocabulary): boolean {
  if (left.fingerprint === right.fingerprint) return true
  let ofOneSide = 0
  for (let id = 0; id < Math.max(left.size, right.size); id++) {
    const [mine, theirs] = [left.bytes(tokenId(id)), right.bytes(tokenId(id))]
    if (mine.length === 0 && theirs.length === 0) continue
    if (mine.length === 0 || theirs.length === 0) ofOneSide++
    else if (mine.length !== theirs.length || mine.some((byte, at) => byte !== theirs[at])) return false
    if (ofOneSide > MOST_OF_ONE_SIDE) return false
  }
  return true
}
