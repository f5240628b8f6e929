/** log(sum of exp(value)) in float64, without overflow; -Infinity of no values. */
export function logSumExp(values: Float32Array | Float64Array): number {
  let peak = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, values[i] as number)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - peak)
  return peak + Math.log(sum)
}
