import { GGMLQuantizationType } from '@huggingface/gguf'
import type { BlockFormat } from '../weights/block-format.ts'
import { bf16, f16, f32 } from '../weights/float-formats.ts'
import { q4One, q4Zero, q5One, q5Zero, q8Zero } from './block32-formats.ts'
import { q4K, q5K, q6K } from './block256-formats.ts'
import { iq4Nl, iq4Xs, mxfp4, q2K, q3K } from './low-bit-formats.ts'

/** The tensor types that can be read, by GGUF's type number. */
export const tensorFormats: ReadonlyMap<number, BlockFormat> = new Map([
  [GGMLQuantizationType.F32, f32],
  [GGMLQuantizationType.F16, f16],
  [GGMLQuantizationType.BF16, bf16],
  [GGMLQuantizationType.Q8_0, q8Zero],
  [GGMLQuantizationType.Q4_0, q4Zero],
  [GGMLQuantizationType.Q4_1, q4One],
  [GGMLQuantizationType.Q5_0, q5Zero],
  [GGMLQuantizationType.Q5_1, q5One],
  [GGMLQuantizationType.Q4_K, q4K],
  [GGMLQuantizationType.Q5_K, q5K],
  [GGMLQuantizationType.Q6_K, q6K],
  [GGMLQuantizationType.Q2_K, q2K],
  [GGMLQuantizationType.Q3_K, q3K],
  [GGMLQuantizationType.IQ4_NL, iq4Nl],
  [GGMLQuantizationType.IQ4_XS, iq4Xs],
  [GGMLQuantizationType.MXFP4, mxfp4],
])

/** A readable name for any type number, known or not. */
export function tensorTypeName(type: number): string {
  return GGMLQuantizationType[type] ?? `type ${type}`
}
