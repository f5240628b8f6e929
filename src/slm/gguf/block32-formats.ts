import type { BlockFormat } from '../weights/block-format.ts'
import { half } from '../weights/float-formats.ts'

/** Blocks of 32: half-precision scale, 32 signed bytes. */
export const q8Zero: BlockFormat = {
  name: 'Q8_0',
  values: 32,
  bytes: 34,
  dequantise(raw, blocks, out, start) {
    const signed = new Int8Array(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let block = 0; block < blocks; block++) {
      const at = block * 34
      const to = start + block * 32
      const scale = half(raw, at)
      for (let i = 0; i < 32; i++) out[to + i] = scale * (signed[at + 2 + i] as number)
    }
  },
}

/**
 * Blocks of 32: scale, 16 bytes of nibbles; value = scale * (nibble - 8). Low nibbles are
 * the first 16 values.
 */
export const q4Zero: BlockFormat = {
  name: 'Q4_0',
  values: 32,
  bytes: 18,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 18
      const to = start + block * 32
      const scale = half(raw, at)
      for (let i = 0; i < 16; i++) {
        const pair = raw[at + 2 + i] as number
        out[to + i] = scale * ((pair & 15) - 8)
        out[to + 16 + i] = scale * ((pair >> 4) - 8)
      }
    }
  },
}

/** Blocks of 32: scale, minimum, 16 bytes of nibbles; value = scale * nibble + minimum. */
export const q4One: BlockFormat = {
  name: 'Q4_1',
  values: 32,
  bytes: 20,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 20
      const to = start + block * 32
      const scale = half(raw, at)
      const minimum = half(raw, at + 2)
      for (let i = 0; i < 16; i++) {
        const pair = raw[at + 4 + i] as number
        out[to + i] = scale * (pair & 15) + minimum
        out[to + 16 + i] = scale * (pair >> 4) + minimum
      }
    }
  },
}

function fifthBits(raw: Uint8Array, at: number): number {
  return (
    (raw[at] as number) |
    ((raw[at + 1] as number) << 8) |
    ((raw[at + 2] as number) << 16) |
    ((raw[at + 3] as number) << 24)
  )
}

/** Blocks of 32: scale, 32 fifth bits, 16 bytes of nibbles; value = scale * (five bits - 16). */
export const q5Zero: BlockFormat = {
  name: 'Q5_0',
  values: 32,
  bytes: 22,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 22
      const to = start + block * 32
      const scale = half(raw, at)
      const high = fifthBits(raw, at + 2)
      for (let i = 0; i < 16; i++) {
        const pair = raw[at + 6 + i] as number
        out[to + i] = scale * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16)
        out[to + 16 + i] = scale * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16)
      }
    }
  },
}

/** Blocks of 32: scale, minimum, 32 fifth bits, 16 bytes of nibbles; value = scale * five bits + minimum. */
export const q5One: BlockFormat = {
  name: 'Q5_1',
  values: 32,
  bytes: 24,
  dequantise(raw, blocks, out, start) {
    for (let block = 0; block < blocks; block++) {
      const at = block * 24
      const to = start + block * 32
      const scale = half(raw, at)
      const minimum = half(raw, at + 2)
      const high = fifthBits(raw, at + 4)
      for (let i = 0; i < 16; i++) {
        const pair = raw[at + 8 + i] as number
        out[to + i] = scale * ((pair & 15) | (((high >>> i) & 1) << 4)) + minimum
        out[to + 16 + i] = scale * ((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) + minimum
      }
    }
  },
}
