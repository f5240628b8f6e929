import { t } from '../texts/texts.ts'

/** What the colours of the steered answer mean, in these colours. */
export function Legend() {
  const { before, coloured, words, after } = t().compare.legend
  return (
    <>
      {before}
      <span class="moved" style={{ '--tint': '0.35' }}>
        {coloured}
      </span>{' '}
      <span class="moved" style={{ '--tint': '0.9' }}>
        {words}
      </span>
      {after}
    </>
  )
}
