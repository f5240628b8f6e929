/** Monotonic milliseconds from any beginning, such as `performance`; simulated time in tests and benches. */
export interface Clock {
  now(): number
}
