/** A horizontal extent. */
export interface Extent {
  readonly from: number
  readonly to: number
}

/**
 * For each extent the number of the first lane in which it overlaps none before it. Extents are taken in
 * their order.
 */
export function lanesOf(extents: readonly Extent[]): number[] {
  const ends: number[] = []
  return extents.map(({ from, to }) => {
    const free = ends.findIndex((end) => end <= from)
    const lane = free === -1 ? ends.length : free
    ends[lane] = to
    return lane
  })
}
