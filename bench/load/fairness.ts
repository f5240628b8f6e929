/** How evenly clients got on. */
export interface Fairness {
  readonly min: number
  readonly median: number
  readonly max: number
  /** Jain's index: 1 when all got the same, 1/n when one got everything. */
  readonly jain: number
}

export function fairnessOf(amounts: readonly number[]): Fairness {
  const sorted = amounts.toSorted((a, b) => a - b)
  const sum = amounts.reduce((total, amount) => total + amount, 0)
  const squares = amounts.reduce((total, amount) => total + amount * amount, 0)
  return {
    min: sorted[0] ?? 0,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max: sorted.at(-1) ?? 0,
    jain: squares === 0 ? 0 : sum ** 2 / (amounts.length * squares),
  }
}
