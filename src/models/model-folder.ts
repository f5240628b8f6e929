import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCode } from '../error-code.ts'
import { GatewayError } from '../gateway-error.ts'
import { FileRefused, readRegularFile, withFileLimit } from '../read-regular-file.ts'
import type { WeightBits } from '../slm/graph/weight-store.ts'
import { modelNameSchema } from './catalogue.ts'
import { modelFormats } from './files/model-format.ts'

const MAX_MANIFEST_BYTES = 64 * 1024

const manifestSchema = z.object({
  name: modelNameSchema,
  format: z.enum(modelFormats),
  bytes: z.number(),
  /** Of the GGUF file; null for a folder. */
  sha256: z.string().nullable(),
  /** Where it came from, for people. */
  source: z.string(),
})

export type ModelManifest = z.infer<typeof manifestSchema>

/** A model that is ready on this machine. */
export interface InstalledModel extends ModelManifest {
  /** The GGUF file, or the folder. */
  readonly path: string
  /** Of one that is used where it lies, and was not looked at before: another when its files change. */
  readonly stamp?: string
  /** Where the graph built from the file, with weights of 8 bits, may be cached; need not exist. */
  readonly graphFolder: string
}

/** Where a model's graph with weights of `bits` bits may be cached. */
export function graphFolderOf(
  { graphFolder }: Pick<InstalledModel, 'graphFolder'>,
  bits: WeightBits,
): string {
  return bits === 8 ? graphFolder : `${graphFolder}-${bits}bit`
}

const everyBits = [8, 4] as const satisfies readonly WeightBits[]

/** Where a model's graphs may be cached, whatever bits they have. */
export function graphFolders(graphFolder: string): string[] {
  return everyBits.map((bits) => graphFolderOf({ graphFolder }, bits))
}

/** Where the parts of one model lie below the program's home; none need exist. */
export function modelPaths(home: string, name: string) {
  const folder = join(home, 'models', name)
  return {
    folder,
    manifest: join(folder, 'model.json'),
    gguf: join(folder, 'model.gguf'),
    safetensors: join(folder, 'safetensors-model'),
    onnx: join(folder, 'onnx-model'),
    graph: join(folder, 'graph'),
    partial: join(folder, 'model.gguf.partial'),
    /** The beginning of a folder that is being fetched. */
    partialFolder: join(folder, 'safetensors-model.partial'),
    /** The same of a repository's GGUF file, or of the parts of one. */
    partialParts: join(folder, 'model.gguf.parts'),
    /** What an import puts together before it registers it. */
    imported: join(folder, 'imported.new'),
    importedGraph: join(folder, 'graph.new'),
    lock: join(home, 'models', `${name}.lock`),
  } as const
}

/**
 * The installed model of this exact name, or null. Rejects with GatewayError `model_file_invalid` for a
 * broken manifest.
 */
export async function findModel(home: string, name: string): Promise<InstalledModel | null> {
  if (!modelNameSchema.safeParse(name).success) return null
  const paths = modelPaths(home, name)
  const text = await readManifest(paths.manifest)
  if (text === null) return null
  const manifest = parseManifest(paths.manifest, text)
  const path = paths[manifest.format]
  return (await withFileLimit(path, () => stat(path)).catch(absent))
    ? { ...manifest, path, graphFolder: paths.graph }
    : null
}

/** Every installed model, by name. */
export async function listModels(home: string): Promise<InstalledModel[]> {
  const folders = await modelFolders(join(home, 'models'))
  const names = (folders ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const models = await Promise.all(names.sort().map((name) => findModel(home, name)))
  return models.filter((model) => model !== null)
}

/** The parts of a model that is to be registered. */
interface FreshModel {
  /** A GGUF file or a folder. */
  readonly file: string
  /** Where the graph that was built from it lies, of whatever bits; need not exist. */
  readonly graph?: string
}

/**
 * Moves a fresh model into its place and declares it ready. When that fails for want of room the model that
 * was there before is still whole.
 */
export async function registerModel(
  home: string,
  manifest: ModelManifest,
  fresh: FreshModel,
): Promise<InstalledModel> {
  const paths = modelPaths(home, manifest.name)
  const path = paths[manifest.format]
  const draft = `${paths.manifest}.new`
  try {
    await mkdir(paths.folder, { recursive: true })
    await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`)
    // A process that ends between these steps leaves no model rather than two halves.
    await rm(paths.manifest, { force: true })
    const graphs = graphFolders(paths.graph)
    for (const folder of graphs) await rm(folder, { recursive: true, force: true })
    await rm(path, { recursive: true, force: true })
    await rename(fresh.file, path)
    const built = fresh.graph === undefined ? [] : graphFolders(fresh.graph)
    for (const [at, folder] of built.entries()) await rename(folder, graphs[at] ?? paths.graph).catch(absent)
    await rename(draft, paths.manifest)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return { ...manifest, path, graphFolder: paths.graph }
}

/** Deletes a model with all that belongs to it; false when there is none. */
export async function removeModel(home: string, name: string): Promise<boolean> {
  if ((await findModel(home, name)) === null) return false
  await rm(modelPaths(home, name).folder, { recursive: true, force: true })
  return true
}

function modelFolders(folder: string) {
  return withFileLimit(folder, () => readdir(folder, { withFileTypes: true })).catch(absent)
}

async function readManifest(file: string): Promise<string | null> {
  const bytes = await readRegularFile(file, MAX_MANIFEST_BYTES).catch((error: unknown) => {
    if (error instanceof FileRefused) throw manifestBroken(file, error)
    return absent(error)
  })
  return bytes?.toString('utf8') ?? null
}

function parseManifest(file: string, text: string): ModelManifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw manifestBroken(file, cause)
  }
}

function manifestBroken(file: string, cause: unknown): GatewayError {
  const message = `The model manifest ${file} is broken. Delete its folder and fetch or import the model again.`
  return new GatewayError('model_file_invalid', message, { cause })
}

function absent(error: unknown): null {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null
  throw error
}
