import { familyOf } from '../families/families.ts'
import type { ModelShape } from './model-shape.ts'

const everywhere = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] as const
const norms = {
  before: ['attn_norm', 'ffn_norm'],
  after: ['post_attention_norm', 'post_ffw_norm'],
  both: ['attn_norm', 'ffn_norm', 'post_attention_norm', 'post_ffw_norm'],
} as const

/** Divisors of the rotation, and what the same is called in old files, one for each layer. */
const ROTATIONS = /^(blk\.\d+\.)?(rope_freqs|rope_factors_(long|short)|attn_rot_embd)(\.weight)?$/

/** The weights without which no graph can be built. */
export function weightNames({ family, layers, tiedEmbeddings }: ModelShape): string[] {
  const { norms: place, queryKeyNorm } = familyOf(family)
  const normed = queryKeyNorm === 'none' ? [] : ['attn_q_norm', 'attn_k_norm']
  const parts = [...everywhere, ...norms[place], ...normed]
  const ofLayers = Array.from({ length: layers }, (_, layer) =>
    parts.map((part) => `blk.${layer}.${part}.weight`),
  )
  const head = tiedEmbeddings ? [] : ['output.weight']
  return ['token_embd.weight', ...ofLayers.flat(), 'output_norm.weight', ...head]
}

/** The first tensor that takes part in nothing: a model that has one is of a kind that is not known here. */
export function unknownWeight(
  names: readonly string[],
  wanted: readonly string[],
  { layers }: ModelShape,
): string | undefined {
  const known = new Set(wanted)
  const biases = everywhere.map((part) => `${part}.bias`)
  for (let layer = 0; layer < layers; layer++) for (const bias of biases) known.add(`blk.${layer}.${bias}`)
  return names.find((name) => !known.has(name) && !ROTATIONS.test(name))
}
