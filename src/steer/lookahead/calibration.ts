const BUCKETS = 10
/** How many observations the claimed probability itself is worth. */
const PRIOR_WEIGHT = 12
const DECAY = 0.995

/** Learns how often guesses come true that claim a probability, in ten buckets; at first it believes the claim. */
export class Calibration {
  readonly #seen = new Float64Array(BUCKETS)
  readonly #true = new Float64Array(BUCKETS)

  observe(claimed: number, cameTrue: boolean): void {
    const bucket = bucketOf(claimed)
    this.#seen[bucket] = this.#in(this.#seen, bucket) * DECAY + 1
    this.#true[bucket] = this.#in(this.#true, bucket) * DECAY + (cameTrue ? 1 : 0)
  }

  /** Probability that a guess with this claim comes true, [0, 1]. */
  probability(claimed: number): number {
    const bucket = bucketOf(claimed)
    return (
      (PRIOR_WEIGHT * claimed + this.#in(this.#true, bucket)) / (PRIOR_WEIGHT + this.#in(this.#seen, bucket))
    )
  }

  #in(values: Float64Array, bucket: number): number {
    return values[bucket] as number
  }
}

const bucketOf = (claimed: number) => Math.min(BUCKETS - 1, Math.max(0, Math.floor(claimed * BUCKETS)))
