// Quantising: weights as levels of a grid for each block. This room owns which grid meets a block best. It
// must not know graphs or files.

/** Values that share one scale and one zero point. */
export const QUANTISED_BLOCK = 32

/**
 * 8-bit rows: value = scale * (quant - zeroPoint), one scale and zero point for each block of 32 along a row.
 */
export interface QuantisedRows {
  readonly quants: Uint8Array
  readonly scales: Float32Array
  readonly zeroPoints: Uint8Array
}

/**
 * Grids on which the formats of GGUF files lie whole: 8- and 5- and 4-bit symmetric ones fit 127 and 128
 * steps to the largest magnitude, those with a minimum fit a multiple of their 15 or 31 steps to the range.
 */
const magnitudeSteps = [128, 127] as const
const rangeSteps = [255, 248, 240, 225, 210] as const

/** A squared error, relative to the block's largest squared value, that rounding to float32 explains. */
const EXACT = 1e-12

/**
 * Quantises rows of `values` (length a multiple of 32) to 8 bits. Weights that come from a 4-,
 * 5- or 8-bit file are met exactly or nearly so, since their own grid is among those tried.
 */
export function quantiseRows(values: Float32Array): QuantisedRows {
  const blocks = values.length / QUANTISED_BLOCK
  const rows: QuantisedRows = {
    quants: new Uint8Array(values.length),
    scales: new Float32Array(blocks),
    zeroPoints: new Uint8Array(blocks),
  }
  for (let block = 0; block < blocks; block++) quantiseBlockInPlace(values, block, rows)
  return rows
}

/** The values that the quants stand for. */
export function dequantiseRows({ quants, scales, zeroPoints }: QuantisedRows): Float32Array {
  const values = new Float32Array(quants.length)
  for (let index = 0; index < values.length; index++) {
    const block = (index / QUANTISED_BLOCK) | 0
    values[index] = (scales[block] ?? 0) * ((quants[index] ?? 0) - (zeroPoints[block] ?? 0))
  }
  return values
}

function quantiseBlockInPlace(values: Float32Array, block: number, rows: QuantisedRows): void {
  const start = block * QUANTISED_BLOCK
  let low = 0
  let high = 0
  for (let index = start; index < start + QUANTISED_BLOCK; index++) {
    const value = values[index] as number
    if (value < low) low = value
    if (value > high) high = value
  }
  const magnitude = Math.max(high, -low)
  if (magnitude === 0) {
    rows.quants.fill(128, start, start + QUANTISED_BLOCK)
    rows.zeroPoints[block] = 128
    return
  }
  const exact = magnitude * magnitude * EXACT * QUANTISED_BLOCK
  let least = Number.POSITIVE_INFINITY
  const attempt = (scale: number, zero: number): boolean => {
    const error = tryGrid(values, start, scale, zero)
    if (error < least) {
      least = error
      rows.quants.set(attempted, start)
      rows.scales[block] = scale
      rows.zeroPoints[block] = zero
    }
    return least <= exact
  }
  const positiveWins = high >= -low
  const met =
    magnitudeSteps.some((steps) => attempt(magnitude / steps, steps === 128 && positiveWins ? 127 : 128)) ||
    rangeSteps.some((steps) => {
      const scale = (high - low) / steps
      return attempt(scale, Math.round(-low / scale))
    })
  if (!met && least === Number.POSITIVE_INFINITY) throw new RangeError('weights must be finite')
}

const attempted = new Uint8Array(QUANTISED_BLOCK)

/** Quantises a block into `attempted`; returns the sum of squared errors. */
function tryGrid(values: Float32Array, start: number, exactScale: number, zero: number): number {
  const scale = Math.fround(exactScale)
  const perStep = 1 / scale
  const offset = zero + 0.5
  let error = 0
  for (let index = 0; index < QUANTISED_BLOCK; index++) {
    const value = values[start + index] as number
    const level = Math.min(255, Math.max(0, (value * perStep + offset) | 0))
    attempted[index] = level
    const difference = value - scale * (level - zero)
    error += difference * difference
  }
  return error
}
