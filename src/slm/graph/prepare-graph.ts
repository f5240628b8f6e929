// Graph: a model as an ONNX graph. This room owns building graphs and their weights from a GGUF file, and
// taking those that others exported. It must not know sessions, caches or text.

import { cp, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { jsonValue } from '../../json-value.ts'
import { storageFailure } from '../storage-failure.ts'
import type { ModelWeights } from '../weights/model-weights.ts'
import { type DecoderKind, decoderGraph } from './decoder-graph.ts'
import type { BuiltGraph, DecoderShape } from './model-graph.ts'
import { storeWeights } from './stored-weights.ts'
import { TensorFile } from './tensor-file.ts'
import type { WeightPrecision } from './weight-store.ts'

/**
 * To be raised whenever the graphs or the stored weights change: prepared folders of
 * another version are rebuilt.
 */
const BUILDER_VERSION = 10

const WEIGHTS_FILE = 'weights.bin'
const MANIFEST_FILE = 'graph.json'
const kinds = ['logits', 'pair', 'pairs'] as const satisfies readonly DecoderKind[]

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
  /** Whether `PrepareOptions.pack` has been through. */
  packed: z.boolean().default(false),
})

type Manifest = z.infer<typeof manifestSchema>

export interface PrepareOptions {
  /**
   * Names the weights' origin, for example the file's size and time of change: another
   * source is another graph.
   */
  readonly source: string
  readonly openWeights: () => Promise<ModelWeights>
  readonly precision?: WeightPrecision
  /**
   * Stores beside the weights what spares memory when they are loaded, in place. When it rejects, the graphs
   * are taken as they are.
   */
  readonly pack?: (graph: BuiltGraph) => Promise<void>
}

/**
 * The model's graphs in `folder`, built unless a former call has done so from the same
 * source. Building takes seconds for every 100 million weights; the folder appears whole
 * or not at all. Rejects with GatewayError `model_unavailable` when it cannot be written.
 */
export async function prepareGraph(folder: string, options: PrepareOptions): Promise<BuiltGraph> {
  const { source, pack } = options
  await dropAbandoned(folder)
  const ready = await readPrepared(folder, source)
  if (ready && (ready.packed || pack === undefined || !(await hasRoomToPack(folder, ready))))
    return prepared(folder, ready.shape)
  const draft = `${folder}.${process.pid}.${Date.now()}.part`
  try {
    const shape = ready ? await copyGraphs(draft, folder, ready) : await buildGraphs(draft, options)
    const packed = await pack?.(prepared(draft, shape)).then(
      () => true,
      () => false,
    )
    if (ready && !packed) throw new Error('the weights cannot be packed')
    await writeManifest(draft, { source, shape, packed: packed ?? false })
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
    return prepared(folder, shape)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // It may be there all the same: as it was, or from another process that was first.
    const there = await readPrepared(folder, source)
    if (there) return prepared(folder, there.shape)
    throw storageFailure(error, folder)
  }
}

/** Building takes minutes: a draft that is older was left by a process that was killed. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

/** Drafts take as much as the model. */
async function dropAbandoned(folder: string): Promise<void> {
  const names = await readdir(dirname(folder)).catch(() => [])
  const drafts = names.filter((name) => name.startsWith(`${basename(folder)}.`) && name.endsWith('.part'))
  const abandoned = drafts.filter((name) => Date.now() - Number(name.split('.').at(-2)) > ABANDONED_MS)
  for (const name of abandoned) await rm(join(dirname(folder), name), { recursive: true, force: true })
}

/** What packing takes on the way, of the weights: a copy, the session with both forms, and the packed one. */
const PACKING_SHARE = 5

async function hasRoomToPack(folder: string, { files }: Manifest): Promise<boolean> {
  const { bavail, bsize } = await statfs(dirname(folder))
  return bavail * bsize > PACKING_SHARE * (files[WEIGHTS_FILE] ?? 0)
}

/** Graphs that are whole and wait for being packed. */
async function copyGraphs(draft: string, folder: string, { shape }: Manifest): Promise<DecoderShape> {
  await cp(folder, draft, { recursive: true })
  return shape
}

async function buildGraphs(
  draft: string,
  { openWeights, precision = 8 }: PrepareOptions,
): Promise<DecoderShape> {
  const weights = await openWeights()
  try {
    await mkdir(draft, { recursive: true })
    const file = await TensorFile.create(join(draft, WEIGHTS_FILE))
    try {
      const stored = await storeWeights(weights, file, precision)
      await file.sync()
      for (const kind of kinds) await writeSynced(join(draft, graphFile(kind)), decoderGraph(stored, kind))
    } finally {
      await file.close()
    }
    return shapeSchema.parse(weights.shape)
  } finally {
    await weights.close()
  }
}

async function writeManifest(
  folder: string,
  about: { readonly source: string; readonly shape: DecoderShape; readonly packed: boolean },
): Promise<void> {
  const files = await fileSizes(folder)
  const manifest = { builderVersion: BUILDER_VERSION, files, ...about }
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
  const path = (kind: DecoderKind) => join(folder, graphFile(kind))
  return {
    layout: 'built',
    shape,
    graphPaths: { logits: path('logits'), pair: path('pair'), pairs: path('pairs') },
  }
}

async function readPrepared(folder: string, source: string): Promise<Manifest | null> {
  // However long it takes on a busy machine: building anew takes longer
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => null)
  if (text === null) return null
  const manifest = manifestSchema.safeParse(jsonValue(text))
  if (!manifest.success || manifest.data.source !== source) return null
  const sizes = await fileSizes(folder).catch((): Record<string, number> => ({}))
  const whole = [WEIGHTS_FILE, ...kinds.map(graphFile)].every(
    (name) => sizes[name] !== undefined && sizes[name] === manifest.data.files[name],
  )
  return whole ? manifest.data : null
}
