/** exp(x) for x <= 0 is 2^-whole * 2^(part / PARTS) * exp(rest), and so small a rest needs few terms. */
const PARTS = 64
const PER_NAT = PARTS / Math.LN2
const NATS = Math.LN2 / PARTS
const [SQUARE, CUBE, FOURTH] = [1 / 2, 1 / 6, 1 / 24]
const parts = Float64Array.from({ length: PARTS }, (_, part) => 2 ** (part / PARTS))
/** Below, exp is nothing beside 1. */
const LEAST = -700
const wholes = Float64Array.from({ length: Math.ceil(-LEAST / Math.LN2) + 2 }, (_, whole) => 2 ** -whole)

/**
 * log(sum of exp(value)) in float64, to 1e-12, without overflow; -Infinity for no values or none but that.
 * Whole vocabularies go through it at each token: Math.exp takes more than twice as long.
 */
export function logSumExp(values: Float32Array | Float64Array): number {
  let peak = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, values[i] as number)
  if (peak === Number.NEGATIVE_INFINITY) return peak
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const x = (values[i] as number) - peak
    if (!(x > LEAST)) continue
    const step = (x * PER_NAT - 0.5) | 0
    const rest = x - step * NATS
    const series = 1 + rest * (1 + rest * (SQUARE + rest * (CUBE + rest * FOURTH)))
    sum += series * (parts[step & (PARTS - 1)] as number) * (wholes[-(step >> 6)] as number)
  }
  return peak + Math.log(sum)
}
