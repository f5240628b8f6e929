/** Time as the decode loops see it: monotonic milliseconds. */
export interface Clock {
  now(): number
}
