/** Something of each of the pair's streams. */
export interface OfStreams<T> {
  readonly with: T
  readonly without: T
}
