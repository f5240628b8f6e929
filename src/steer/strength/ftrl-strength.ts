// Strength: how far the local model moves the upstream. This room owns the one number c, how likely it makes
// known texts, and the gate that ends steering. It must not know how tokens are picked or when models are
// asked.

/** Parameters of the published FTRL update (CoSteer, arXiv 2507.04756, section 4). */
export interface FtrlParameters {
  /** T: update steps per generated token, an integer of at least 0. */
  readonly iterations: number
  /** alpha: pull of the player's own drift away from the upstream. */
  readonly alpha: number
  /** beta: weight of delta, the local contrast. */
  readonly beta: number
  /** lambda: pull back to the upstream, above 0. */
  readonly lambda: number
  /** eta: learning rate, above 0. */
  readonly eta: number
}

/** The values that the paper uses in its experiments; they give a strength of 1.7833. */
export const paperParameters: FtrlParameters = { iterations: 20, alpha: 2, beta: 1, lambda: 2, eta: 10 }

/**
 * c_T: the one number through which all five parameters act. The update's last player is
 * exactly `softmax(base + c_T * delta)`, because every player on the way has the form
 * `base + c_t * delta` up to a constant. Returns 0 for T = 0.
 */
export function ftrlStrength({ iterations, alpha, beta, lambda, eta }: FtrlParameters): number {
  let accumulated = 0
  let strength = 0
  for (let t = 1; t <= iterations; t++) {
    accumulated += alpha * strength + beta
    strength = (accumulated + strength / eta) / (t * lambda + 1 / eta)
  }
  return strength
}
