import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelShape, ModelWeights } from '../gguf/model-weights.ts'
import { type DecoderKind, decoderGraph } from './decoder-graph.ts'
import type { BuiltGraph } from './prepared-graph.ts'
import { storeWeights, type WeightPrecision } from './stored-weights.ts'
import { TensorFile } from './tensor-file.ts'

/** To be raised whenever the graphs or the stored weights change: prepared folders of another version are rebuilt. */
const BUILDER_VERSION = 5

const WEIGHTS_FILE = 'weights.bin'
const MANIFEST_FILE = 'graph.json'
const KINDS = ['logits', 'pair'] as const satisfies readonly DecoderKind[]

const manifestSchema = z.object({
  builderVersion: z.literal(BUILDER_VERSION),
  source: z.string(),
  shape: z.object({
    architecture: z.enum(['llama', 'qwen2']),
    layers: z.number(),
    hidden: z.number(),
    heads: z.number(),
    kvHeads: z.number(),
    headDim: z.number(),
    feedForward: z.number(),
    vocabularySize: z.number(),
    contextTokens: z.number(),
    ropeTheta: z.number(),
    rmsNormEpsilon: z.number(),
    tiedEmbeddings: z.boolean(),
  }) satisfies z.ZodType<ModelShape>,
})

export interface PrepareOptions {
  /** Names the weights' origin, for example the file's size and time of change: another source is another graph. */
  readonly source: string
  readonly openWeights: () => Promise<ModelWeights>
  readonly precision?: WeightPrecision
}

/**
 * The model's graphs in `folder`, built unless a former call has done so from the same source. Building takes seconds
 * for every 100 million weights; the folder appears whole or not at all.
 */
export const prepareGraph = async (folder: string, options: PrepareOptions): Promise<BuiltGraph> => {
  const ready = await readPrepared(folder, options.source)
  if (ready) return ready
  const weights = await options.openWeights()
  const draft = `${folder}.${process.pid}.${Date.now()}.part`
  try {
    await mkdir(draft, { recursive: true })
    const file = await TensorFile.create(join(draft, WEIGHTS_FILE))
    const stored = await storeWeights(weights, file, options.precision ?? 'quantised')
    await file.close()
    for (const kind of KINDS) await writeFile(join(draft, graphFile(kind)), decoderGraph(stored, kind))
    const manifest = { builderVersion: BUILDER_VERSION, source: options.source, shape: weights.shape }
    await writeFile(join(draft, MANIFEST_FILE), JSON.stringify(manifest, null, 2))
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  } finally {
    await weights.close()
  }
  return prepared(folder, weights.shape)
}

const graphFile = (kind: DecoderKind): string => `${kind}.onnx`

const prepared = (folder: string, shape: ModelShape): BuiltGraph => ({
  layout: 'built',
  shape,
  graphPaths: { logits: join(folder, graphFile('logits')), pair: join(folder, graphFile('pair')) },
})

const readPrepared = async (folder: string, source: string): Promise<BuiltGraph | null> => {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => null)
  if (text === null) return null
  const manifest = manifestSchema.safeParse(parseJson(text))
  return manifest.success && manifest.data.source === source ? prepared(folder, manifest.data.shape) : null
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
