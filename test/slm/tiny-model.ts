import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decoderTraits } from '../../src/slm/families/families.ts'
import { readRotation } from '../../src/slm/families/rotation.ts'
import type { BuiltGraph } from '../../src/slm/graph/model-graph.ts'
import { prepareGraph } from '../../src/slm/graph/prepare-graph.ts'
import type { WeightPrecision } from '../../src/slm/graph/weight-store.ts'
import type { ModelShape } from '../../src/slm/weights/model-shape.ts'
import type { ModelWeights } from '../../src/slm/weights/model-weights.ts'

/** Shapes that between them have every feature of the supported architectures. */
export const tinyShapes = {
  'llama, 3 queries a key, tied head': shape({
    family: 'llama',
    heads: 6,
    kvHeads: 2,
    tiedEmbeddings: true,
  }),
  'llama, as many keys as queries': shape({
    family: 'llama',
    heads: 4,
    kvHeads: 4,
    tiedEmbeddings: false,
  }),
  'qwen2, 7 queries a key, bias': shape({
    family: 'qwen2',
    heads: 7,
    kvHeads: 1,
    tiedEmbeddings: true,
  }),
  'qwen2, 2 queries a key, own head': shape({
    family: 'qwen2',
    heads: 4,
    kvHeads: 2,
    tiedEmbeddings: false,
  }),
  'llama, wide heads': shape({
    family: 'llama',
    heads: 6,
    kvHeads: 2,
    tiedEmbeddings: true,
    headDim: 128,
  }),
} as const satisfies Record<string, ModelShape>

function shape(
  own: Pick<ModelShape, 'family' | 'heads' | 'kvHeads' | 'tiedEmbeddings'> & { readonly headDim?: number },
): ModelShape {
  const sizes = { layers: 2, hidden: 64, headDim: own.headDim ?? 32, contextTokens: 400 }
  const rotation = readRotation({}, sizes)
  return {
    ...sizes,
    ...decoderTraits(own.family, { ...sizes, rotation, keys: {} }),
    feedForward: 96,
    vocabularySize: 301,
    rmsNormEpsilon: 1e-5,
    ...own,
  }
}

/**
 * Random weights, the same for the same shape, of a size that keeps activations and attention lively. With
 * `onGrids` each block of 32 has 16 levels between its extremes, as files with 4 bits have.
 */
export function tinyWeights(
  shape: ModelShape,
  { onGrids = false }: { readonly onGrids?: boolean } = {},
): ModelWeights & { readonly tensors: Map<string, Float32Array> } {
  const tensors = new Map<string, Float32Array>()
  const { hidden, heads, kvHeads, headDim, feedForward, vocabularySize } = shape
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
  const add = (name: string, size: number, scale: number, centre = 0) =>
    tensors.set(
      name,
      Float32Array.from({ length: size }, () => centre + scale * random()),
    )
  add('token_embd.weight', vocabularySize * hidden, 1)
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (own: string) => `blk.${layer}.${own}`
    add(name('attn_norm.weight'), hidden, 0.3, 1)
    add(name('attn_q.weight'), heads * headDim * hidden, 0.4)
    add(name('attn_k.weight'), kvHeads * headDim * hidden, 0.4)
    add(name('attn_v.weight'), kvHeads * headDim * hidden, 0.3)
    if (shape.family === 'qwen2') {
      add(name('attn_q.bias'), heads * headDim, 1)
      add(name('attn_k.bias'), kvHeads * headDim, 1)
      add(name('attn_v.bias'), kvHeads * headDim, 1)
    }
    add(name('attn_output.weight'), hidden * heads * headDim, 0.2)
    add(name('ffn_norm.weight'), hidden, 0.3, 1)
    add(name('ffn_gate.weight'), feedForward * hidden, 0.3)
    add(name('ffn_up.weight'), feedForward * hidden, 0.3)
    add(name('ffn_down.weight'), hidden * feedForward, 0.2)
  }
  add('output_norm.weight', hidden, 0.3, 1)
  if (!shape.tiedEmbeddings) add('output.weight', vocabularySize * hidden, 0.3)
  if (onGrids) for (const tensor of tensors.values()) snapToGrids(tensor)
  return {
    shape,
    tensors,
    has: (name) => tensors.has(name),
    async read(name) {
      const tensor = tensors.get(name)
      if (!tensor) throw new Error(`no tensor ${name}`)
      return tensor.slice()
    },
    close: async () => {},
  }
}

function snapToGrids(tensor: Float32Array): void {
  for (let start = 0; start + 32 <= tensor.length; start += 32) {
    const block = tensor.subarray(start, start + 32)
    const low = Math.min(...block)
    const step = (Math.max(...block) - low) / 15
    block.set(block.map((value) => low + step * Math.round((value - low) / step)))
  }
}

/** Builds the shape's graphs in a folder of their own, which `remove` deletes. */
export async function prepareTiny(
  shape: ModelShape,
  precision: WeightPrecision = 8,
  weights: ModelWeights = tinyWeights(shape),
): Promise<{ readonly graph: BuiltGraph; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-model-'))
  const graph = await prepareGraph(join(folder, 'graph'), {
    source: 'random',
    precision,
    openWeights: async () => weights,
  })
  return { graph, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Tokens of a tiny vocabulary that look like no pattern. */
export function someTokens(count: number, seed = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => ((index + 1) * (7919 + 2 * seed) + seed) % 301)
}
