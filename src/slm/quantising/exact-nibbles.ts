import { QUANTISED_BLOCK } from './block-quantiser.ts'
import { dequantiseNibbles, type NibbleRows, zeroPointBytes } from './nibble-quantiser.ts'

/** 4-bit rows: value = scale * (quant - zeroPoint) + offset, with an offset for each block as well. */
export interface ExactNibbleRows extends NibbleRows {
  /** [blocks of a row, outputs]; null where all are 0. */
  readonly offsets: Float32Array | null
}

const MOST_STEPS = 15
/** How far from its level a value may be, in steps: more than rounding to float32 explains. */
const EXACT = 1e-3
/** An offset of less, in steps, is none. */
const NO_OFFSET = 1e-5

/**
 * Rows of `inputs` values (a multiple of 32) as levels of the grids that they lie on; null unless every block
 * lies on one. Those of files with 4 bits and a scale for each block do, with a minimum or without (Q4_0,
 * Q4_1, Q4_K).
 */
export function exactNibbles(values: Float32Array, inputs: number): ExactNibbleRows | null {
  const perRow = inputs / QUANTISED_BLOCK
  const outputs = values.length / inputs
  const zeroBytes = zeroPointBytes(inputs)
  const offsets = new Float32Array(outputs * perRow)
  const rows = {
    quants: new Uint8Array(values.length / 2),
    scales: new Float32Array(outputs * perRow),
    zeroPoints: new Uint8Array(outputs * zeroBytes),
  }
  let hasOffsets = false
  for (let output = 0; output < outputs; output++)
    for (let column = 0; column < perRow; column++) {
      const block = output * perRow + column
      const start = block * QUANTISED_BLOCK
      const grid = gridOf(values, start)
      if (grid === null) return null
      const { low, scale } = grid
      const zero = scale === 0 ? 0 : Math.min(MOST_STEPS, Math.max(0, Math.round(-low / scale)))
      const offset = low + zero * scale
      if (Math.abs(offset) > NO_OFFSET * scale) {
        hasOffsets = true
        offsets[column * outputs + output] = offset
      }
      rows.scales[block] = scale
      const byte = output * zeroBytes + (column >> 1)
      rows.zeroPoints[byte] = (rows.zeroPoints[byte] ?? 0) | (zero << ((column & 1) * 4))
      for (let index = start; index < start + QUANTISED_BLOCK; index++) {
        const level = scale === 0 ? 0 : Math.round(((values[index] as number) - low) / scale)
        rows.quants[index >> 1] = (rows.quants[index >> 1] ?? 0) | (level << ((index & 1) * 4))
      }
    }
  return { ...rows, offsets: hasOffsets ? offsets : null }
}

/** The values that the quants stand for. */
export function dequantiseExact(rows: ExactNibbleRows, inputs: number): Float32Array {
  const perRow = inputs / QUANTISED_BLOCK
  const outputs = rows.scales.length / perRow
  return dequantiseNibbles(rows, inputs).map((value, index) => {
    const block = Math.floor(index / QUANTISED_BLOCK)
    return value + (rows.offsets?.[(block % perRow) * outputs + Math.floor(block / perRow)] ?? 0)
  })
}

/** The lowest value of a block and the step between its levels, 0 for a single one; null off any grid. */
function gridOf(values: Float32Array, start: number): { low: number; scale: number } | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let index = start; index < start + QUANTISED_BLOCK; index++) {
    const value = values[index] as number
    if (!Number.isFinite(value)) return null
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low === high) return { low, scale: 0 }
  for (let steps = MOST_STEPS; steps > 0; steps--) {
    const scale = (high - low) / steps
    if (liesOn(values, start, { low, scale })) return { low, scale }
  }
  return null
}

function liesOn(
  values: Float32Array,
  start: number,
  { low, scale }: { readonly low: number; readonly scale: number },
): boolean {
  for (let index = start; index < start + QUANTISED_BLOCK; index++) {
    const level = ((values[index] as number) - low) / scale
    if (Math.abs(level - Math.round(level)) > EXACT) return false
  }
  return true
}
