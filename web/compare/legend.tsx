/** What the colours of the steered answer mean. */
export function Legend() {
  return (
    <p class="legend">
      <span>moved by the profile:</span>
      <span class="legend-scale">
        not <span class="legend-bar" aria-hidden="true" /> a lot
      </span>
    </p>
  )
}
