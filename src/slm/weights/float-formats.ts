import type { BlockFormat } from './block-format.ts'

const floats = new Float32Array(1)
const bits = new Uint32Array(floats.buffer)

function buildTable(): Float32Array {
  const table = new Float32Array(65_536)
  for (let half = 0; half < 65_536; half++) {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 31) table[half] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    else if (exponent === 0) table[half] = sign * fraction * 2 ** -24
    else table[half] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
  return table
}

/** Value of every IEEE half-precision bit pattern: index with the unsigned 16-bit pattern. */
const halfFloats: Float32Array = buildTable()

/** The half-precision number whose two bytes begin at `at`. */
export function half(raw: Uint8Array, at: number): number {
  return halfFloats[(raw[at] as number) | ((raw[at + 1] as number) << 8)] as number
}

/** The float whose upper 16 bits are `pattern` (bfloat16). */
function bfloat(pattern: number): number {
  bits[0] = pattern << 16
  return floats[0] as number
}

export const f32: BlockFormat = {
  name: 'F32',
  values: 1,
  bytes: 4,
  dequantise(raw, blocks, out, start) {
    const view = new DataView(raw.buffer, raw.byteOffset, blocks * 4)
    for (let i = 0; i < blocks; i++) out[start + i] = view.getFloat32(i * 4, true)
  },
}

export const f16: BlockFormat = {
  name: 'F16',
  values: 1,
  bytes: 2,
  dequantise(raw, blocks, out, start) {
    for (let i = 0; i < blocks; i++) {
      out[start + i] = halfFloats[(raw[2 * i] as number) | ((raw[2 * i + 1] as number) << 8)] as number
    }
  },
}

export const bf16: BlockFormat = {
  name: 'BF16',
  values: 1,
  bytes: 2,
  dequantise(raw, blocks, out, start) {
    for (let i = 0; i < blocks; i++) {
      out[start + i] = bfloat((raw[2 * i] as number) | ((raw[2 * i + 1] as number) << 8))
    }
  },
}
