/** What the colours of the steered answer mean, in these colours. */
export function Legend() {
  return (
    <>
      {'steered on this machine: '}
      <span class="moved" style={{ '--tint': '0.35' }}>
        coloured
      </span>{' '}
      <span class="moved" style={{ '--tint': '0.9' }}>
        words
      </span>
      {' come from the profile'}
    </>
  )
}
