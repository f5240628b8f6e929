// Graph: a model as an ONNX graph. This room owns building graphs and their weights from a GGUF file, and
// taking those that others exported. It must not know sessions, caches or text.

import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { jsonValue } from '../../json-value.ts'
import { readRegularFile } from '../../read-regular-file.ts'
import type { ModelWeights } from '../gguf/model-weights.ts'
import { storageFailure } from '../storage-failure.ts'
import { type DecoderKind, decoderGraph } from './decoder-graph.ts'
import type { BuiltGraph, DecoderShape } from './model-graph.ts'
import { storeWeights } from './stored-weights.ts'
import { TensorFile } from './tensor-file.ts'
import type { WeightPrecision } from './weight-store.ts'

/**
 * To be raised whenever the graphs or the stored weights change: prepared folders of
 * another version are rebuilt.
 */
const BUILDER_VERSION = 6

const WEIGHTS_FILE = 'weights.bin'
const MANIFEST_FILE = 'graph.json'
const MAX_MANIFEST_BYTES = 64 * 1024
const kinds = ['logits', 'pair'] as const satisfies readonly DecoderKind[]

const shapeSchema = z.object({
  layers: z.number(),
  heads: z.number(),
  kvHeads: z.number(),
  headDim: z.number(),
  vocabularySize: z.number(),
  contextTokens: z.number(),
  locality: z.object({ tokens: z.number(), layers: z.array(z.boolean()) }).nullable(),
}) satisfies z.ZodType<DecoderShape>

const manifestSchema = z.object({
  builderVersion: z.literal(BUILDER_VERSION),
  source: z.string(),
  /** Bytes of each file: a folder that a crash or a full disk has cut is built again. */
  files: z.record(z.string(), z.number()),
  shape: shapeSchema,
})

export interface PrepareOptions {
  /**
   * Names the weights' origin, for example the file's size and time of change: another
   * source is another graph.
   */
  readonly source: string
  readonly openWeights: () => Promise<ModelWeights>
  readonly precision?: WeightPrecision
}

/**
 * The model's graphs in `folder`, built unless a former call has done so from the same
 * source. Building takes seconds for every 100 million weights; the folder appears whole
 * or not at all. Rejects with GatewayError `model_unavailable` when it cannot be written.
 */
export async function prepareGraph(folder: string, options: PrepareOptions): Promise<BuiltGraph> {
  const ready = await readPrepared(folder, options.source)
  if (ready) return ready
  const weights = await options.openWeights()
  const draft = `${folder}.${process.pid}.${Date.now()}.part`
  try {
    await mkdir(draft, { recursive: true })
    await writeGraphs(draft, weights, options)
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process may have put its own there first.
    const meanwhile = await readPrepared(folder, options.source)
    if (meanwhile) return meanwhile
    throw storageFailure(error, folder)
  } finally {
    await weights.close()
  }
  return prepared(folder, shapeSchema.parse(weights.shape))
}

async function writeGraphs(
  folder: string,
  weights: ModelWeights,
  { source, precision = 8 }: PrepareOptions,
): Promise<void> {
  const file = await TensorFile.create(join(folder, WEIGHTS_FILE))
  try {
    const stored = await storeWeights(weights, file, precision)
    await file.sync()
    for (const kind of kinds) await writeSynced(join(folder, graphFile(kind)), decoderGraph(stored, kind))
  } finally {
    await file.close()
  }
  const files = await fileSizes(folder)
  const manifest = { builderVersion: BUILDER_VERSION, source, files, shape: shapeSchema.parse(weights.shape) }
  await writeSynced(join(folder, MANIFEST_FILE), JSON.stringify(manifest, null, 2))
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function fileSizes(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const name of [WEIGHTS_FILE, ...kinds.map(graphFile)])
    sizes[name] = (await stat(join(folder, name))).size
  return sizes
}

function graphFile(kind: DecoderKind): string {
  return `${kind}.onnx`
}

function prepared(folder: string, shape: DecoderShape): BuiltGraph {
  return {
    layout: 'built',
    shape,
    graphPaths: { logits: join(folder, graphFile('logits')), pair: join(folder, graphFile('pair')) },
  }
}

async function readPrepared(folder: string, source: string): Promise<BuiltGraph | null> {
  const text = await readRegularFile(join(folder, MANIFEST_FILE), MAX_MANIFEST_BYTES).catch(() => null)
  if (text === null) return null
  const manifest = manifestSchema.safeParse(jsonValue(text.toString('utf8')))
  if (!manifest.success || manifest.data.source !== source) return null
  const sizes = await fileSizes(folder).catch((): Record<string, number> => ({}))
  const whole = [WEIGHTS_FILE, ...kinds.map(graphFile)].every(
    (name) => sizes[name] !== undefined && sizes[name] === manifest.data.files[name],
  )
  return whole ? prepared(folder, manifest.data.shape) : null
}
