import type { ProfilePart } from './profile-parts.ts'
import type { WordReason } from './word-reasons.ts'

const names = {
  fact: 'from a fact',
  preference: 'from a preference',
  about: 'from what the profile says about them',
  style: 'from a line on style',
  text: 'from a past text',
  name: 'from the name',
} as const satisfies Record<ProfilePart['kind'], string>

/** Of a long text, so many characters on each side of what is shared. */
const AROUND = 70

/** The line or past text that a word comes from; null for the profile as a whole. */
export function ReasonLine({ reason }: { reason: WordReason | null }) {
  if (reason === null) {
    return <p class="reason">No line of the profile has this word: it comes from its tone as a whole.</p>
  }
  const { part, start, end } = reason
  const { text } = part
  const from = start <= AROUND ? 0 : text.indexOf(' ', start - AROUND) + 1
  const to = end + AROUND >= text.length ? text.length : text.lastIndexOf(' ', end + AROUND)
  return (
    <p class="reason">
      {names[part.kind]}:{' '}
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
