import type { FamilyName } from '../families/families.ts'
import { familyOf } from '../families/families.ts'
import type { Rotation } from '../families/rotation.ts'
import type { ModelShape } from '../weights/model-shape.ts'
import type { ModelWeights } from '../weights/model-weights.ts'
import { LayerWeights } from './layer-weights.ts'
import type { TensorLocation } from './onnx-graph.ts'
import { rotaryTables } from './rotary-tables.ts'
import type { TensorFile } from './tensor-file.ts'
import { type StoredMatrix, type StoredVector, type WeightPrecision, WeightStore } from './weight-store.ts'

export interface StoredLayer {
  readonly attentionNorm: StoredVector | null
  /** Rows: queries, then keys, then values. */
  readonly queryKeyValue: StoredMatrix
  readonly queryKeyValueBias: StoredVector | null
  /** Scales of normalised queries, then keys: of one head after the other, in the graph's order. */
  readonly queryKeyNorm: StoredVector | null
  readonly attentionOutput: StoredMatrix
  readonly attentionOutputBias: StoredVector | null
  readonly attentionResultNorm: StoredVector | null
  readonly feedForwardNorm: StoredVector | null
  /** Rows: the gate, then what it gates. */
  readonly gateUp: StoredMatrix
  readonly gateUpBias: StoredVector | null
  readonly down: StoredMatrix
  readonly downBias: StoredVector | null
  readonly feedForwardResultNorm: StoredVector | null
  /** Null when the layer knows no positions. */
  readonly rotary: StoredRotation | null
}

/** Cosine and sine, each [contextTokens, dimensions / 2]. Layers that rotate alike share one. */
export interface StoredRotation {
  readonly dimensions: number
  readonly cosine: TensorLocation
  readonly sine: TensorLocation
}

/**
 * All that a decoder graph needs of its weights: sizes, and where the bytes lie. Plain
 * data, so that it can be kept.
 */
export interface StoredWeights {
  readonly shape: ModelShape
  readonly embedding: StoredMatrix
  readonly layers: readonly StoredLayer[]
  readonly outputNorm: StoredVector
  /** Null when the embedding is the output head. */
  readonly outputHead: StoredMatrix | null
}

/**
 * Reads every tensor once, one at a time, and writes it in the form in which the graphs compute
 * with it. Rejects with GatewayError `model_file_invalid` for rows that are not whole blocks.
 */
export async function storeWeights(
  weights: ModelWeights,
  file: TensorFile,
  precision: WeightPrecision,
): Promise<StoredWeights> {
  const { shape } = weights
  const store = new WeightStore(file, precision)
  const rotaries = await storeRotations(weights, file)
  const layers: StoredLayer[] = []
  for (const [layer, rotation] of shape.rotations.entries()) {
    const rotary = (rotation && rotaries.get(rotation)) ?? null
    layers.push({ ...(await storeLayer(new LayerWeights(weights, layer), store, shape)), rotary })
  }
  return {
    shape,
    embedding: await store.embedding(await weights.read('token_embd.weight'), shape.hidden),
    layers,
    outputNorm: await store.vector(await outputNorm(weights)),
    outputHead: shape.tiedEmbeddings
      ? null
      : await store.outputHead(await weights.read('output.weight'), shape.hidden),
  }
}

async function storeRotations(
  weights: ModelWeights,
  file: TensorFile,
): Promise<ReadonlyMap<Rotation, StoredRotation>> {
  const stored = new Map<Rotation, StoredRotation>()
  for (const rotation of new Set(weights.shape.rotations)) {
    if (rotation === null) continue
    const { cosine, sine } = await rotaryTables(weights, rotation)
    const { dimensions } = rotation
    stored.set(rotation, { dimensions, cosine: await file.append([cosine]), sine: await file.append([sine]) })
  }
  return stored
}

/** The norm before the output head carries the scale of the logits, so that no node has to apply it. */
async function outputNorm(weights: ModelWeights): Promise<Float32Array> {
  const { logitScale, logitCap } = weights.shape
  const scale = logitScale / (logitCap ?? 1)
  return (await weights.read('output_norm.weight')).map((value) => value * scale)
}

async function storeLayer(
  layer: LayerWeights,
  store: WeightStore,
  shape: ModelShape,
): Promise<Omit<StoredLayer, 'rotary'>> {
  const { hidden, heads, headDim, feedForward, family } = shape
  const before = familyHas(family, 'before')
  const after = familyHas(family, 'after')
  const norm = async (name: string, wanted: boolean) =>
    wanted ? store.vector(await layer.read(`${name}.weight`)) : null
  const optional = (values: Float32Array | null) => (values === null ? null : store.vector(values))
  return {
    attentionNorm: await norm('attn_norm', before),
    queryKeyValue: await store.matrix(await layer.queryKeyValue(), hidden),
    queryKeyValueBias: await optional(await layer.queryKeyValueBias()),
    queryKeyNorm: await optional(await layer.queryKeyNorm()),
    attentionOutput: await store.matrix(await layer.attentionOutput(), heads * headDim),
    attentionOutputBias: await optional(await layer.residualBias('attn_output')),
    attentionResultNorm: await norm('post_attention_norm', after),
    feedForwardNorm: await norm('ffn_norm', before),
    gateUp: await store.matrix(await layer.gateUp(), hidden),
    gateUpBias: await optional(await layer.gateUpBias()),
    down: await store.matrix(await layer.down(), feedForward),
    downBias: await optional(await layer.residualBias('ffn_down')),
    feedForwardResultNorm: await norm('post_ffw_norm', after),
  }
}

/** Those of the layers, and the output head where it is not the embedding. */
export function matricesOf({ layers, outputHead }: StoredWeights): StoredMatrix[] {
  const ofLayers = layers.flatMap(({ queryKeyValue, attentionOutput, gateUp, down }) => [
    queryKeyValue,
    attentionOutput,
    gateUp,
    down,
  ])
  return outputHead === null ? ofLayers : [...ofLayers, outputHead]
}

function familyHas(family: FamilyName, place: 'before' | 'after'): boolean {
  const { norms } = familyOf(family)
  return norms === place || norms === 'both'
}
