import type { SteeredPosition, SteeredText } from './steered-text.ts'

/**
 * How a position's distribution is made of base and delta. With b_v the upstream's log-probability of a
 * candidate v and d_v its delta,
 *
 *     score(v) = a * (b_v + c * d_v)                              for the K candidates
 *     score(tail) = a * (log R + c * (log W - log O)) + k         for all other tokens together
 *
 * and the softmax of the scores is the distribution; inside the tail the upstream's own proportions stay.
 * R, W and O are the probabilities outside the candidates under upstream, `with` and `without`. a = 1, k =
 * 0 is what the gateway samples from, except that it emits no token of the tail. Greedy choices depend on c
 * alone: a is the client's temperature (1 / a), and any gain that it brings needs no private data. So
 * steering is judged at the a and k that suit it best, against the upstream at the a and k that suit that
 * best (c = 0): the temperature control.
 */
export interface SteeringRule {
  /** c, at least 0. */
  readonly strength: number
  /** a, above 0. */
  readonly sharpness: number
  /** k, nats. */
  readonly tailBias: number
}

/** Mean negative log-likelihood of a text's tokens, nats; those from position `closing` on are unsteered. */
export function meanNats({ positions }: SteeredText, rule: SteeringRule, closing = positions.length): number {
  let total = 0
  for (const [index, position] of positions.entries()) {
    total += positionNats(position, index < closing ? rule : { ...rule, strength: 0 })
  }
  return total / positions.length
}

function positionNats(
  { base, delta, real, withinTail }: SteeredPosition,
  { strength, sharpness, tailBias }: SteeringRule,
): number {
  const tail = base.length - 1
  let peak = Number.NEGATIVE_INFINITY
  for (let index = 0; index <= tail; index++) {
    peak = Math.max(peak, (base[index] as number) + strength * (delta[index] as number))
  }
  let mass = 0
  for (let index = 0; index <= tail; index++) {
    const score = (base[index] as number) + strength * (delta[index] as number) - peak
    mass += Math.exp(sharpness * score + (index === tail ? tailBias : 0))
  }
  const score = sharpness * ((base[real] as number) + strength * (delta[real] as number) - peak)
  return Math.log(mass) - score - (real === tail ? tailBias : 0) - withinTail
}

/** Whether the likeliest candidate is another one than without steering. */
export function changesChoice({ base, delta }: SteeredPosition, strength: number): boolean {
  let best = 0
  for (let index = 1; index < base.length - 1; index++) {
    const score = (base[index] as number) + strength * (delta[index] as number)
    if (score > (base[best] as number) + strength * (delta[best] as number)) best = index
  }
  return best !== 0
}
