import { useComputed } from '@preact/signals'
import { words as answerWords, running } from '../state/comparison.ts'
import { hasLooked } from './active-token.ts'
import { countWords } from './count-words.ts'

/** How many words the profile changed, and how to find out why. */
export function ChangedWords() {
  const counted = useComputed(() => countWords(answerWords.value))
  const { words, changed } = counted.value
  if (words === 0) return null
  return (
    <p class="changed-words">
      {`the profile changed ${changed} of ${words} words`}
      {changed > 0 && !running.value && !hasLooked.value && (
        <span class="look-hint">{' · point at one, or tap it, to see why'}</span>
      )}
    </p>
  )
}
