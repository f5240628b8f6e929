import type { BlockFormat } from '../weights/block-format.ts'
import { half } from '../weights/float-formats.ts'

/** Six-bit scale of group 0-7, out of the 12 packed bytes at `at` that Q4_K and Q5_K share. */
function groupScale(raw: Uint8Array, at: number, group: number): number {
  return group < 4
    ? (raw[at + group] as number) & 63
    : ((raw[at + group + 4] as number) & 15) | (((raw[at + group - 4] as number) >> 6) << 4)
}

/** Six-bit minimum of group 0-7, out of the same 12 bytes. */
function groupMinimum(raw: Uint8Array, at: number, group: number): number {
  return group < 4
    ? (raw[at + group + 4] as number) & 63
    : ((raw[at + group + 4] as number) >> 4) | (((raw[at + group] as number) >> 6) << 4)
}

/** Blocks of 256 in 8 groups: scale, minimum, packed group scales and minima, nibbles. */
export const q4K: BlockFormat = {
  name: 'Q4_K',
  values: 256,
  bytes: 144,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 144
      const scale = half(raw, at)
      const minimum = half(raw, at + 2)
      for (let pair = 0; pair < 4; pair++) {
        const lowScale = scale * groupScale(raw, at + 4, 2 * pair)
        const lowMinimum = minimum * groupMinimum(raw, at + 4, 2 * pair)
        const highScale = scale * groupScale(raw, at + 4, 2 * pair + 1)
        const highMinimum = minimum * groupMinimum(raw, at + 4, 2 * pair + 1)
        const from = at + 16 + 32 * pair
        const to = start + block * 256 + 64 * pair
        for (let i = 0; i < 32; i++) {
          const nibbles = raw[from + i] as number
          out[to + i] = lowScale * (nibbles & 15) - lowMinimum
          out[to + 32 + i] = highScale * (nibbles >> 4) - highMinimum
        }
      }
    }
  },
}

/** Q4_K with a fifth bit per value: bit g of byte i belongs to value i of group g. */
export const q5K: BlockFormat = {
  name: 'Q5_K',
  values: 256,
  bytes: 176,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 176
      const scale = half(raw, at)
      const minimum = half(raw, at + 2)
      for (let pair = 0; pair < 4; pair++) {
        const lowScale = scale * groupScale(raw, at + 4, 2 * pair)
        const lowMinimum = minimum * groupMinimum(raw, at + 4, 2 * pair)
        const highScale = scale * groupScale(raw, at + 4, 2 * pair + 1)
        const highMinimum = minimum * groupMinimum(raw, at + 4, 2 * pair + 1)
        const from = at + 48 + 32 * pair
        const to = start + block * 256 + 64 * pair
        for (let i = 0; i < 32; i++) {
          const nibbles = raw[from + i] as number
          const fifths = (raw[at + 16 + i] as number) >> (2 * pair)
          out[to + i] = lowScale * ((nibbles & 15) | ((fifths & 1) << 4)) - lowMinimum
          out[to + 32 + i] = highScale * ((nibbles >> 4) | ((fifths & 2) << 3)) - highMinimum
        }
      }
    }
  },
}

/**
 * Blocks of 256 in 16 groups of signed six-bit values: low nibbles, upper bit pairs,
 * signed group scales, scale.
 */
export const q6K: BlockFormat = {
  name: 'Q6_K',
  values: 256,
  bytes: 210,
  dequantise(raw, blocks, out, start) {
    const signed = new Int8Array(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let block = 0; block < blocks; block++) {
      const at = block * 210
      const scale = half(raw, at + 208)
      for (let side = 0; side < 2; side++) {
        const low = at + 64 * side
        const high = at + 128 + 32 * side
        const groups = at + 192 + 8 * side
        const to = start + block * 256 + 128 * side
        for (let i = 0; i < 32; i++) {
          const group = groups + (i >> 4)
          const first = raw[low + i] as number
          const second = raw[low + 32 + i] as number
          const upper = raw[high + i] as number
          out[to + i] = scale * (signed[group] as number) * (((first & 15) | ((upper & 3) << 4)) - 32)
          out[to + 32 + i] =
            scale * (signed[group + 2] as number) * (((second & 15) | ((upper & 12) << 2)) - 32)
          out[to + 64 + i] = scale * (signed[group + 4] as number) * (((first >> 4) | (upper & 48)) - 32)
          out[to + 96 + i] =
            scale * (signed[group + 6] as number) * (((second >> 4) | ((upper & 192) >> 2)) - 32)
        }
      }
    }
  },
}
