import { familyOf } from '../families/families.ts'
import type { ModelShape } from './model-shape.ts'

/** Divisors of the rotation, and what the same is called in old files, one for each layer. */
const ROTATIONS = /^(blk\.\d+\.)?(rope_freqs|rope_factors_(long|short)|attn_rot_embd)(\.weight)?$/

/** The weights of a model by name, with their shapes. */
interface WeightShapes {
  readonly all: ReadonlyMap<string, readonly number[]>
  /** Those of them without which the model is whole all the same. */
  readonly optional: ReadonlySet<string>
}

/** The weights that graphs are built from. */
export function weightShapes(shape: ModelShape): WeightShapes {
  const { family, layers, hidden, heads, kvHeads, headDim, feedForward, vocabularySize } = shape
  const { norms, queryKeyNorm } = familyOf(family)
  const all = new Map<string, readonly number[]>([['token_embd.weight', [vocabularySize, hidden]]])
  const optional = new Set<string>()
  const matrices = {
    attn_q: [heads * headDim, hidden],
    attn_k: [kvHeads * headDim, hidden],
    attn_v: [kvHeads * headDim, hidden],
    attn_output: [hidden, heads * headDim],
    ffn_gate: [feedForward, hidden],
    ffn_up: [feedForward, hidden],
    ffn_down: [hidden, feedForward],
  } as const
  const vectors: (readonly [string, number])[] = []
  if (norms !== 'after') vectors.push(['attn_norm', hidden], ['ffn_norm', hidden])
  if (norms !== 'before') vectors.push(['post_attention_norm', hidden], ['post_ffw_norm', hidden])
  if (queryKeyNorm === 'head') vectors.push(['attn_q_norm', headDim], ['attn_k_norm', headDim])
  if (queryKeyNorm === 'whole')
    vectors.push(['attn_q_norm', heads * headDim], ['attn_k_norm', kvHeads * headDim])
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, [outputs, inputs]] of Object.entries(matrices)) {
      all.set(`blk.${layer}.${name}.weight`, [outputs, inputs])
      all.set(`blk.${layer}.${name}.bias`, [outputs])
      optional.add(`blk.${layer}.${name}.bias`)
    }
    for (const [name, length] of vectors) all.set(`blk.${layer}.${name}.weight`, [length])
  }
  all.set('output_norm.weight', [hidden])
  if (!shape.tiedEmbeddings) all.set('output.weight', [vocabularySize, hidden])
  return { all, optional }
}

/** The first tensor that takes part in nothing: a model that has one is of a kind that is not known here. */
export function unknownWeight(names: readonly string[], { all }: WeightShapes): string | undefined {
  return names.find((name) => !all.has(name) && !ROTATIONS.test(name))
}
