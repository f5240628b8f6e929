import { copyFile, cp, link, mkdir, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { storageFailure } from '../slm/storage-failure.ts'
import { loadCatalogue } from './catalogue.ts'
import { checkModel } from './check-model.ts'
import { digestOfParts, fileDigest } from './file-digest.ts'
import { modelFiles } from './files/model-files.ts'
import { modelFormatAt } from './files/model-format.ts'
import {
  findModel,
  graphFolders,
  type InstalledModel,
  type ModelManifest,
  modelPaths,
  registerModel,
} from './model-folder.ts'
import { withModelLock } from './model-lock.ts'
import { checkedName, givenName, nameOfFile } from './model-name.ts'
import { prepareModel, weightBits } from './prepare-model.ts'

export interface ImportOptions {
  /** COSTEER_HOME */
  readonly home: string
  /** Default: the catalogue's for a file it knows, else made from the file's name. */
  readonly name?: string
  /** Whether a model of this name may be replaced. */
  readonly replace?: boolean
  /** Whether the graph is built at once, rather than by the first start. */
  readonly prepare?: boolean
  /** Told the model's name before its graph is built. */
  readonly onPrepare?: (name: string) => void
  readonly signal?: AbortSignal
}

/**
 * Registers a GGUF file, a folder of the hub with safetensors, or one in the onnx-community layout
 * (`config.json`, `tokenizer.json`, `onnx/*.onnx`), in the model folder: linked where the file system allows,
 * else copied. Of a split GGUF file any part stands for all. The model's text and the list of its weights are
 * tried out first, and with `prepare` its weights as well. Until all of that is done nothing is registered,
 * and a model that is to be replaced stays. Rejects with GatewayError `model_file_invalid`, `invalid_request`
 * or, when it cannot be written, `model_unavailable`, or with the signal's reason.
 */
export async function importModel(path: string, options: ImportOptions): Promise<InstalledModel> {
  const found = await modelFormatAt(resolve(path))
  if (!found) throw new GatewayError('invalid_request', `There is no file or folder ${resolve(path)}.`)
  const { format, path: source } = found
  await checkModel(found)
  const { home, replace = false, prepare = false, onPrepare, signal } = options
  const parts = format === 'onnx' ? [source] : await modelFiles({ format, path: source })
  const sha256 = format === 'gguf' ? await digestOf(parts, signal) : null
  const name = await chosenName(options.name, { source, sha256 })
  const register = async (): Promise<InstalledModel> => {
    if (!replace && (await findModel(home, name))) {
      throw new GatewayError(
        'invalid_request',
        `There is a model "${name}" already. Choose another name with --name, or give --replace.`,
      )
    }
    const sizes = await Promise.all(parts.map(bytesBelow))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    const manifest = { name, format, bytes, sha256, source } as const
    if (prepare && format !== 'onnx') onPrepare?.(name)
    return place(manifest, { home, prepare, signal })
  }
  const { lock, folder } = modelPaths(home, name)
  return withModelLock(lock, register, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw storageFailure(error, folder)
  })
}

async function digestOf(parts: readonly string[], signal?: AbortSignal): Promise<string> {
  const digests: string[] = []
  for (const part of parts) digests.push(await fileDigest(part, signal))
  return digestOfParts(digests)
}

interface PlaceOptions {
  readonly home: string
  readonly prepare: boolean
  readonly signal: AbortSignal | undefined
}

async function place(
  manifest: ModelManifest,
  { home, prepare, signal }: PlaceOptions,
): Promise<InstalledModel> {
  const { source, format } = manifest
  const { folder, imported, importedGraph } = modelPaths(home, manifest.name)
  const isNew = (await findModel(home, manifest.name)) === null
  const removeDrafts = async () => {
    for (const draft of [imported, ...graphFolders(importedGraph)])
      await rm(draft, { recursive: true, force: true })
  }
  await mkdir(folder, { recursive: true })
  await removeDrafts()
  try {
    if (format === 'onnx') await cp(source, imported, { recursive: true, dereference: true })
    else await linkFiles({ format, path: source }, imported)
    if (prepare && format !== 'onnx')
      await prepareModel({ ...manifest, path: imported, graphFolder: importedGraph }, await bitsOf(manifest))
    signal?.throwIfAborted()
    return await registerModel(home, manifest, { file: imported, graph: importedGraph })
  } catch (error) {
    await removeDrafts()
    // Only when nothing is left in it, such as the beginning of a download.
    if (isNew) await rmdir(folder).catch(() => {})
    throw error
  }
}

/** Those that a start takes unless its configuration wants others. */
function bitsOf({ name }: ModelManifest) {
  return weightBits('auto', { name })
}

/** The file, or a folder with all files of the model where there are several. */
async function linkFiles(model: Parameters<typeof modelFiles>[0], imported: string): Promise<void> {
  const files = await modelFiles(model)
  const isFile = model.format === 'gguf' && files.length === 1
  if (!isFile) await mkdir(imported)
  for (const file of files) {
    const target = isFile ? imported : join(imported, basename(file))
    // The hub's cache holds links, of which another link would lead nowhere
    const real = await realpath(file)
    await link(real, target).catch(() => copyFile(real, target))
  }
}

async function bytesBelow(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const entries = await readdir(path)
  const sizes = await Promise.all(entries.map((entry) => bytesBelow(join(path, entry))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * The catalogue's name for a file or alias that it knows, else the given name, else one made from the file's.
 */
async function chosenName(
  given: string | undefined,
  { source, sha256 }: { readonly source: string; readonly sha256: string | null },
): Promise<string> {
  const catalogue = await loadCatalogue()
  if (given !== undefined) return givenName(given, catalogue)
  return catalogue.entries.find((entry) => entry.sha256 === sha256)?.name ?? checkedName(nameOfFile(source))
}
