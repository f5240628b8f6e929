/** log(sum of exp(value)) in float64, without overflow; -Infinity for no values or none but that. */
export function logSumExp(values: Float32Array | Float64Array): number {
  let peak = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, values[i] as number)
  if (peak === Number.NEGATIVE_INFINITY) return peak
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - peak)
  return peak + Math.log(sum)
}
