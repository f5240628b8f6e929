import type { BlockFormat } from './block-format.ts'
import { bfloat, halfFloats } from './half-float.ts'

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
