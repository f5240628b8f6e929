import { QUANTISED_BLOCK } from './block-quantiser.ts'

/**
 * 4-bit rows: value = scale * (quant - zeroPoint), one scale and zero point for each block of 32 along a row.
 * Quants and zero points lie two a byte, the first in the lower half; a row's zero points begin a byte.
 */
export interface NibbleRows {
  readonly quants: Uint8Array
  readonly scales: Float32Array
  readonly zeroPoints: Uint8Array
}

const LEVELS = 15

/**
 * By how many steps the range is first divided: more than there are cuts off what lies furthest out, fewer
 * leave room, and either may meet the values in between better. 16 is where symmetric formats lie.
 */
const rangeSteps = [15, 16, 14.5, 14, 13.5, 13, 17] as const
/** The same for the largest magnitude: the grid of Q4_0. */
const MAGNITUDE_STEPS = 8

/** A squared error, relative to the block's sum of squares, that rounding to float32 explains. */
const EXACT = 1e-12

/** Bytes that the zero points of a row of `inputs` weights take. */
export function zeroPointBytes(inputs: number): number {
  return Math.ceil(inputs / QUANTISED_BLOCK / 2)
}

/**
 * Quantises rows of `inputs` values (a multiple of 32) to 4 bits: of each block the grid with the least
 * squared error among those tried, whose scale is then the best for the levels chosen.
 */
export function quantiseToNibbles(values: Float32Array, inputs: number): NibbleRows {
  const perRow = inputs / QUANTISED_BLOCK
  const outputs = values.length / inputs
  const zeroBytes = zeroPointBytes(inputs)
  const rows: NibbleRows = {
    quants: new Uint8Array(values.length / 2),
    scales: new Float32Array(outputs * perRow),
    zeroPoints: new Uint8Array(outputs * zeroBytes),
  }
  for (let output = 0; output < outputs; output++)
    for (let column = 0; column < perRow; column++) {
      const block = output * perRow + column
      const start = block * QUANTISED_BLOCK
      const zero = bestGrid(values, start)
      rows.scales[block] = chosenScale
      const byte = output * zeroBytes + (column >> 1)
      rows.zeroPoints[byte] = (rows.zeroPoints[byte] ?? 0) | (zero << ((column & 1) * 4))
      for (let index = 0; index < QUANTISED_BLOCK; index += 2)
        rows.quants[(start + index) >> 1] = (chosen[index] ?? 0) | ((chosen[index + 1] ?? 0) << 4)
    }
  return rows
}

/** The values that the quants stand for. */
export function dequantiseNibbles({ quants, scales, zeroPoints }: NibbleRows, inputs: number): Float32Array {
  const values = new Float32Array(quants.length * 2)
  const perRow = inputs / QUANTISED_BLOCK
  const zeroBytes = zeroPointBytes(inputs)
  for (let index = 0; index < values.length; index++) {
    const block = Math.floor(index / QUANTISED_BLOCK)
    const column = block % perRow
    const zeroByte = zeroPoints[Math.floor(block / perRow) * zeroBytes + (column >> 1)] ?? 0
    const level = nibble(quants[index >> 1] ?? 0, index)
    values[index] = (scales[block] ?? 0) * (level - nibble(zeroByte, column))
  }
  return values
}

function nibble(byte: number, at: number): number {
  return (at & 1) === 0 ? byte & 15 : byte >> 4
}

const attempted = new Uint8Array(QUANTISED_BLOCK)
const chosen = new Uint8Array(QUANTISED_BLOCK)
let chosenScale = 0

/** Leaves the block's levels in `chosen` and its scale in `chosenScale`; returns its zero point. */
function bestGrid(values: Float32Array, start: number): number {
  let low = 0
  let high = 0
  let squares = 0
  for (let index = start; index < start + QUANTISED_BLOCK; index++) {
    const value = values[index] as number
    if (value < low) low = value
    if (value > high) high = value
    squares += value * value
  }
  if (!Number.isFinite(squares)) throw new RangeError('weights must be finite')
  chosenScale = 0
  chosen.fill(8)
  let bestZero = 8
  if (squares === 0) return bestZero
  let most = 0
  const attempt = (scale: number, zero: number): boolean => {
    const explained = tryGrid(values, start, { scale, zero })
    if (explained > most) {
      most = explained
      bestZero = zero
      chosen.set(attempted)
      chosenScale = attemptedScale
    }
    return squares - most <= squares * EXACT
  }
  if (attempt(Math.max(high, -low) / MAGNITUDE_STEPS, high >= -low ? 7 : 8)) return bestZero
  for (const steps of rangeSteps) {
    const scale = (high - low) / steps
    const zero = -low / scale
    const below = Math.min(LEVELS, Math.floor(zero))
    if (attempt(scale, below)) return bestZero
    if (below < LEVELS && below !== zero && attempt(scale, below + 1)) return bestZero
  }
  return bestZero
}

let attemptedScale = 0

/**
 * Leaves levels in `attempted` and the best scale for them in `attemptedScale`; returns how much of the
 * block's sum of squares they explain.
 */
function tryGrid(
  values: Float32Array,
  start: number,
  { scale, zero }: { readonly scale: number; readonly zero: number },
): number {
  const perStep = 1 / scale
  const offset = zero + 0.5
  let product = 0
  let square = 0
  for (let index = 0; index < QUANTISED_BLOCK; index++) {
    const value = values[start + index] as number
    const level = Math.min(LEVELS, Math.max(0, (value * perStep + offset) | 0))
    attempted[index] = level
    const step = level - zero
    product += value * step
    square += step * step
  }
  if (square === 0) return 0
  attemptedScale = product / square
  return (product * product) / square
}
