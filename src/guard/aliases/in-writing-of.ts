import { spellings } from '../matching/form-spellings.ts'
import { saidCharacters } from '../matching/said-text.ts'
import { skeletonLetters } from '../matching/skeleton.ts'
import { inCaseOf } from './alias-of.ts'

/** What stands between words, markup too. */
const JOINT = /(?:<[^<>]{0,200}>|\]\([^()]{0,200}\)|[^\p{L}\p{N}\p{M}])+/gu

/** `to` as `from` was written: in that case, with that between its words, and with that `s` of a plural. */
export function inWritingOf(written: string, from: string, to: string): string {
  if (written === from) return to
  const { words, joints } = wordsOf(written)
  const joined = withJoints(inCaseOf(words.join(' '), to), { from, words, joints })
  const letters = skeletonLetters(words.join(''))
  const isPlural = spellings(from).some((one) => letters === `${skeletonLetters(one)}s`)
  return isPlural ? joined + (words.at(-1)?.at(-1) ?? '') : joined
}

interface WrittenWords {
  /** As they read. */
  readonly words: readonly string[]
  /** What stands between them, as it is written: with escapes. */
  readonly joints: readonly string[]
}

function wordsOf(written: string): WrittenWords {
  const characters = saidCharacters(written)
  const text = characters.map(({ says }) => says).join('')
  /** Where each character ends. */
  const ends = [0]
  for (const { says } of characters) ends.push((ends.at(-1) ?? 0) + says.length)
  const joints = [...text.matchAll(JOINT)].map(({ index, 0: joint }) =>
    characters
      .slice(ends.indexOf(index), ends.indexOf(index + joint.length))
      .map((one) => one.written)
      .join(''),
  )
  return { words: text.split(JOINT), joints }
}

/** `to` with the joints between its words, where the words are those of `from`. */
function withJoints(to: string, { from, words, joints }: WrittenWords & { readonly from: string }): string {
  const usual = lengths(from.split(JOINT))
  if (joints.length === 0) {
    const isJoined = usual.length > 1 && skeletonLetters(words.join('')) === skeletonLetters(from)
    return isJoined ? to.replace(JOINT, '') : to
  }
  if (lengths(words).join() !== usual.join() || to.split(JOINT).length !== usual.length) return to
  let at = 0
  return to.replace(JOINT, () => joints[at++] ?? '')
}

function lengths(words: readonly string[]): number[] {
  return words.map((word) => skeletonLetters(word).length)
}
