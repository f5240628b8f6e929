import type { Distribution } from '../distribution.ts'

/**
 * AdaCoSteer: when the upstream is sure of itself for a while, steering is switched off
 * for the rest of the answer.
 */
export interface GateSettings {
  /** The upstream is sure when its top probability is above 1 - epsilon; (0, 1). */
  readonly epsilon: number
  /** How many sure tokens in a row close the gate, at least 1. */
  readonly consecutive: number
}

/** Watches one answer's distributions; depends on nothing but what the upstream itself said. */
export class Gate {
  readonly #settings: GateSettings
  #sureInARow = 0

  constructor(settings: GateSettings) {
    this.#settings = settings
  }

  get closed(): boolean {
    return this.#sureInARow >= this.#settings.consecutive
  }

  /** Takes the distribution of the next emitted token. Once closed, stays closed. */
  observe(distribution: Distribution): void {
    if (this.closed) return
    const top = Math.exp(distribution.logprobs[0] ?? Number.NEGATIVE_INFINITY)
    this.#sureInARow = top > 1 - this.#settings.epsilon ? this.#sureInARow + 1 : 0
  }
}
