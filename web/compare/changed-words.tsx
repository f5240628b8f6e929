import { running } from '../state/comparison.ts'
import { t } from '../texts/texts.ts'
import { hasLooked } from './active-token.ts'
import { counted, summaryLine } from './reasons/current-reasons.ts'

/** How many words the profile changed, what of it they are, and how to find out more. */
export function ChangedWords() {
  const { words, changed } = counted.value
  if (words === 0) return null
  return (
    <p class="changed-words">
      {t().compare.changed(changed, words)}
      {changed > 0 && !running.value && summaryLine.value !== '' && `: ${summaryLine.value}`}
      {changed > 0 && !running.value && !hasLooked.value && <span class="look-hint">{t().compare.look}</span>}
    </p>
  )
}
