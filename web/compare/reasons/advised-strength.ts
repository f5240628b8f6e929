const STEP = 0.05
const STRONGEST = 3
/** So small a share of words that the profile changed is barely noticed. */
export const BARELY = 0.08

/** What tells whether a strength suited its answer. */
export interface StrengthResult {
  /** c_T, at least 0. */
  readonly strength: number
  readonly isTooStrong: boolean
  readonly words: number
  /** Those of the words that the profile changed. */
  readonly changed: number
}

/** The strength to try next, a multiple of 0.05 up to 3; null where the answer had the profile's part. */
export function advisedStrength({ strength, isTooStrong, words, changed }: StrengthResult): number | null {
  const isTooWeak = words > 0 && changed / words < BARELY
  if (strength === 0 || !(isTooStrong || isTooWeak)) return null
  const wanted = isTooStrong ? strength * 0.7 : strength * 1.3 + STEP
  const next = Math.min(STRONGEST, Math.round(wanted / STEP) * STEP)
  if (isTooStrong ? next >= strength || next < STEP : next <= strength) return null
  return Number(next.toFixed(2))
}
