import { closestMatch } from 'leven'

/** A sentence with the word that was probably meant, behind a space; empty where none of `known` is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const maxDistance = word.length < 4 ? 1 : word.length < 9 ? 2 : 3
  const near = closestMatch(word, [...known], { maxDistance })
  return near === undefined ? '' : ` Did you mean "${near}"?`
}
