import { t } from '../../texts/texts.ts'
import type { WordReason } from './word-reasons.ts'

/** Of a long text, so many characters on each side of what is shared. */
const AROUND = 70

/** The line or past text that a word comes from; null for the profile as a whole. */
export function ReasonLine({ reason }: { reason: WordReason | null }) {
  if (reason === null) {
    return <p class="reason">{t().reasons.tone}</p>
  }
  const { part, start, end } = reason
  const { text } = part
  const from = start <= AROUND ? 0 : text.indexOf(' ', start - AROUND) + 1
  const to = end + AROUND >= text.length ? text.length : text.lastIndexOf(' ', end + AROUND)
  return (
    <p class="reason">
      {t().reasons.from[part.kind]}:{' '}
      <q>
        {from > 0 && '… '}
        {text.slice(from, start)}
        <mark>{text.slice(start, end)}</mark>
        {text.slice(end, Math.max(end, to))}
        {to < text.length && ' …'}
      </q>
    </p>
  )
}
