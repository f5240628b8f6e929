import type { BlockFormat } from '../weights/block-format.ts'
import { half } from '../weights/float-formats.ts'

/** The values that four bits stand for in IQ4_NL and IQ4_XS: denser around zero. */
const nonlinear = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

/** Twice the values of four-bit floats: sign, two bits of exponent, one of fraction. */
const fourBitFloats = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)

/** 16 bytes of nibbles by a table: the low ones are the first 16 values. */
function nibblesInto(
  out: Float32Array,
  to: number,
  { raw, from, scale, table }: { raw: Uint8Array; from: number; scale: number; table: Int8Array },
): void {
  for (let i = 0; i < 16; i++) {
    const pair = raw[from + i] as number
    out[to + i] = scale * (table[pair & 15] as number)
    out[to + 16 + i] = scale * (table[pair >> 4] as number)
  }
}

/** Blocks of 32: scale, 16 bytes of nibbles that name values of a table. */
export const iq4Nl: BlockFormat = {
  name: 'IQ4_NL',
  values: 32,
  bytes: 18,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 18
      nibblesInto(out, start + block * 32, { raw, from: at + 2, scale: half(raw, at), table: nonlinear })
    }
  },
}

/** Blocks of 256 in 8 groups: scale, group scales (their upper two bits, lower four), nibbles as IQ4_NL's. */
export const iq4Xs: BlockFormat = {
  name: 'IQ4_XS',
  values: 256,
  bytes: 136,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 136
      const upper = (raw[at + 2] as number) | ((raw[at + 3] as number) << 8)
      for (let group = 0; group < 8; group++) {
        const lower = ((raw[at + 4 + (group >> 1)] as number) >> (4 * (group & 1))) & 15
        const scale = half(raw, at) * ((lower | (((upper >> (2 * group)) & 3) << 4)) - 32)
        const to = start + block * 256 + 32 * group
        nibblesInto(out, to, { raw, from: at + 8 + 16 * group, scale, table: nonlinear })
      }
    }
  },
}

/** Blocks of 32: a power of two as scale, 16 bytes of four-bit floats. */
export const mxfp4: BlockFormat = {
  name: 'MXFP4',
  values: 32,
  bytes: 17,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 17
      const scale = 2 ** ((raw[at] as number) - 128)
      nibblesInto(out, start + block * 32, { raw, from: at + 1, scale, table: fourBitFloats })
    }
  },
}

/** Blocks of 256 in 16 groups: four-bit group scales and minima, bit pairs, scale, minimum. */
export const q2K: BlockFormat = {
  name: 'Q2_K',
  values: 256,
  bytes: 84,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 84
      const scale = half(raw, at + 80)
      const minimum = half(raw, at + 82)
      for (let group = 0; group < 16; group++) {
        const packed = raw[at + group] as number
        const step = scale * (packed & 15)
        const least = minimum * (packed >> 4)
        const to = start + block * 256 + 16 * group
        const from = at + 16 + 32 * (group >> 3) + 16 * (group & 1)
        const shift = group & 6
        for (let i = 0; i < 16; i++) out[to + i] = step * (((raw[from + i] as number) >> shift) & 3) - least
      }
    }
  },
}

/** Six-bit scale of group 0-15, out of the 12 packed bytes at `at`. */
function sixBitScale(raw: Uint8Array, at: number, group: number): number {
  const lower = ((raw[at + (group & 7)] as number) >> (group < 8 ? 0 : 4)) & 15
  const upper = ((raw[at + 8 + (group & 3)] as number) >> (2 * (group >> 2))) & 3
  return (lower | (upper << 4)) - 32
}

/** Blocks of 256 in 16 groups of signed three-bit values: upper bits, bit pairs, group scales, scale. */
export const q3K: BlockFormat = {
  name: 'Q3_K',
  values: 256,
  bytes: 110,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 110
      const scale = half(raw, at + 108)
      for (let group = 0; group < 16; group++) {
        const step = scale * sixBitScale(raw, at + 96, group)
        const to = start + block * 256 + 16 * group
        const side = 16 * (group & 1)
        const from = at + 32 + 32 * (group >> 3) + side
        const shift = group & 6
        const upper = group >> 1
        for (let i = 0; i < 16; i++) {
          const low = ((raw[from + i] as number) >> shift) & 3
          const high = ((raw[at + side + i] as number) >> upper) & 1
          out[to + i] = step * (low - (high === 1 ? 0 : 4))
        }
      }
    }
  },
}
