import { createHash } from 'node:crypto'
import { copyFile, cp, link, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { readProblem, requireRegularFile, withFileLimit } from '../read-regular-file.ts'
import { openGguf } from '../slm/gguf/open-gguf.ts'
import { ggufParts } from '../slm/gguf/part-files.ts'
import { readExportedGraph } from '../slm/graph/exported-graph.ts'
import { modelFileInvalid } from '../slm/model-file-invalid.ts'
import { storageFailure } from '../slm/storage-failure.ts'
import { loadCatalogue, modelNameSchema } from './catalogue.ts'
import { fileDigest } from './file-digest.ts'
import {
  findModel,
  graphFolders,
  type InstalledModel,
  type ModelManifest,
  modelPaths,
  registerModel,
} from './model-folder.ts'
import { withModelLock } from './model-lock.ts'
import { readModelText } from './model-text.ts'
import { prepareModel, weightBits } from './prepare-model.ts'

export interface ImportOptions {
  /** COSTEER_HOME */
  readonly home: string
  /** Default: the catalogue's for a file it knows, else made from the file's name. */
  readonly name?: string
  /** Whether a model of this name may be replaced. */
  readonly replace?: boolean
  /** Whether the graph of a GGUF file is built at once, rather than by the first start. */
  readonly prepare?: boolean
  /** Told the model's name before its graph is built. */
  readonly onPrepare?: (name: string) => void
  readonly signal?: AbortSignal
}

/**
 * Registers a GGUF file, or a folder in the onnx-community layout (`config.json`, `tokenizer.json`,
 * `onnx/*.onnx`), in the model folder: linked where the file system allows, else copied. Of a split GGUF file
 * any part stands for all. The model's text and the list of its weights are tried out first, and with
 * `prepare` its weights as well. Until all of that is done nothing is registered, and a model that is to be
 * replaced stays. Rejects with GatewayError `model_file_invalid`, `invalid_request` or, when it cannot be
 * written, `model_unavailable`, or with the signal's reason.
 */
export async function importModel(path: string, options: ImportOptions): Promise<InstalledModel> {
  const source = resolve(path)
  const found = await withFileLimit(source, () => stat(source)).catch(() => null)
  if (!found) throw new GatewayError('invalid_request', `There is no file or folder ${source}.`)
  const format = found.isDirectory() ? 'onnx' : 'gguf'
  if (format === 'onnx') await checkGraphs(source)
  else await checkWeights(source)
  await tryOut(source, format)
  const { home, replace = false, prepare = false, onPrepare, signal } = options
  const parts = format === 'gguf' ? await ggufParts(source) : [source]
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
    if (prepare && format === 'gguf') onPrepare?.(name)
    return place(manifest, { home, prepare, signal })
  }
  const { lock, folder } = modelPaths(home, name)
  return withModelLock(lock, register, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw storageFailure(error, folder)
  })
}

/** Of a split model, the digest of its parts' digests. */
async function digestOf(parts: readonly string[], signal?: AbortSignal): Promise<string> {
  const digests: string[] = []
  for (const part of parts) digests.push(await fileDigest(part, signal))
  const [only] = digests
  if (only !== undefined && digests.length === 1) return only
  return createHash('sha256').update(digests.join('\n')).digest('hex')
}

async function checkGraphs(folder: string): Promise<void> {
  const graphs = await readdir(join(folder, 'onnx')).catch((): string[] => [])
  if (!graphs.some((file) => file.endsWith('.onnx'))) {
    throw new GatewayError(
      'model_file_invalid',
      `The folder ${folder} cannot be used: it holds no onnx/*.onnx. Give a GGUF file or a folder in the onnx-community layout.`,
    )
  }
  const { graphPath } = await readExportedGraph(folder)
  await requireRegularFile(graphPath).catch((cause: unknown) => {
    throw modelFileInvalid(graphPath, `it cannot be read (${readProblem(cause)}).`, cause)
  })
}

async function checkWeights(file: string): Promise<void> {
  const weights = await openGguf(file)
  await weights.close()
  weights.requireReadable()
}

/** Fails now rather than at the first request. */
async function tryOut(path: string, format: 'gguf' | 'onnx'): Promise<void> {
  const { tokenizer } = await readModelText({ path, format })
  tokenizer.encodeChat([{ role: 'user', content: 'Hello' }])
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
    if (format === 'gguf') await linkParts(source, imported)
    else await cp(source, imported, { recursive: true, dereference: true })
    if (prepare && format === 'gguf')
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

/** The file, or a folder with all parts where the model is split. */
async function linkParts(source: string, imported: string): Promise<void> {
  const parts = await ggufParts(source)
  const isSplit = parts.length > 1
  if (isSplit) await mkdir(imported)
  for (const part of parts) {
    const target = isSplit ? join(imported, basename(part)) : imported
    await link(part, target).catch(() => copyFile(part, target))
  }
}

async function bytesBelow(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const entries = await readdir(path)
  const sizes = await Promise.all(entries.map((entry) => bytesBelow(join(path, entry))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** `Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf` gives `qwen2.5-coder-0.5b-instruct.q4_k_m`. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
}

/**
 * The catalogue's name for a file or alias that it knows, else the given name, else one made from the file's.
 */
async function chosenName(
  given: string | undefined,
  { source, sha256 }: { readonly source: string; readonly sha256: string | null },
): Promise<string> {
  const { entries, find } = await loadCatalogue()
  if (given !== undefined) return find(given)?.name ?? checkedName(given)
  return entries.find((entry) => entry.sha256 === sha256)?.name ?? checkedName(nameOf(source))
}

function checkedName(name: string): string {
  if (modelNameSchema.safeParse(name).success) return name
  throw new GatewayError(
    'invalid_request',
    `"${name}" is no model name. Use up to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit.`,
    { param: 'name' },
  )
}
