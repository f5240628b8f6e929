// Statistics: intervals over rows. This room owns means and their uncertainty; it must not know what the
// numbers are.

/** A mean with its 95 % interval. */
export interface Estimate {
  readonly mean: number
  readonly low: number
  readonly high: number
}

const RESAMPLES = 4000

/**
 * The 95 % percentile interval of a statistic over rows, from samples of the rows drawn with replacement:
 * whole rows, so that systems which are compared row by row stay paired. The same rows give the same
 * interval.
 */
function bootstrap(rows: number, statistic: (sample: Int32Array) => number): Estimate {
  const random = seededRandom(rows)
  const sample = Int32Array.from({ length: rows }, (_, index) => index)
  const mean = statistic(sample)
  const values = Float64Array.from({ length: RESAMPLES }, () => {
    for (let index = 0; index < rows; index++) sample[index] = Math.floor(random() * rows)
    return statistic(sample)
  }).sort()
  const at = (share: number) => values[Math.round(share * (RESAMPLES - 1))] ?? mean
  return { mean, low: at(0.025), high: at(0.975) }
}

/** The interval of the mean of values, one a row. */
export function bootstrapMean(values: readonly number[]): Estimate {
  return bootstrap(values.length, (sample) => meanOf(values, sample))
}

/** The interval of the ratio of two means over the same rows. */
export function bootstrapRatio(upper: readonly number[], lower: readonly number[]): Estimate {
  return bootstrap(upper.length, (sample) => meanOf(upper, sample) / meanOf(lower, sample))
}

function meanOf(values: readonly number[], sample: Int32Array): number {
  let sum = 0
  for (const index of sample) sum += values[index] as number
  return sum / sample.length
}

/** mulberry32: a small generator that gives the same numbers for the same seed everywhere. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
