import { copyFile, cp, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { openGguf } from '../slm/gguf/open-gguf.ts'
import { folderTokenizerSource } from '../slm/text/folder-tokenizer-source.ts'
import { ggufTokenizerSource } from '../slm/text/gguf-tokenizer-source.ts'
import { createTokenizer } from '../slm/text/tokenizer.ts'
import type { TokenizerSource } from '../slm/text/tokenizer-source.ts'
import { createVocabulary } from '../slm/text/vocabulary.ts'
import { modelNameSchema } from './catalogue.ts'
import { fileDigest } from './file-digest.ts'
import { findModel, type InstalledModel, modelPaths, registerModel } from './model-folder.ts'
import { withModelLock } from './model-lock.ts'

export interface ImportOptions {
  /** COSTEER_HOME */
  readonly home: string
  /** Default: made from the file's name. */
  readonly name?: string
  /** Whether a model of this name may be replaced. */
  readonly replace?: boolean
  readonly signal?: AbortSignal
}

/**
 * Registers a GGUF file, or a folder in the onnx-community layout (`config.json`, `tokenizer.json`, `onnx/*.onnx`), in the
 * model folder: linked where the file system allows, else copied. The model's text files are tried out first.
 * Rejects with GatewayError `model_file_invalid` or `invalid_request`.
 */
export const importModel = async (path: string, options: ImportOptions): Promise<InstalledModel> => {
  const source = resolve(path)
  const found = await stat(source).catch(() => null)
  if (!found) throw new GatewayError('invalid_request', `There is no file or folder ${source}.`)
  const name = checkedName(options.name ?? nameOf(source))
  const format = found.isDirectory() ? 'onnx' : 'gguf'
  await tryOut(format === 'gguf' ? await readGgufSource(source) : await readFolderSource(source))
  const { home, replace = false, signal } = options
  return withModelLock(
    modelPaths(home, name).lock,
    async () => {
      if (!replace && (await findModel(home, name))) {
        throw new GatewayError(
          'invalid_request',
          `There is a model "${name}" already. Choose another name with --name, or give --replace.`,
        )
      }
      await place(source, home, name, format)
      const sha256 = format === 'gguf' ? await fileDigest(source, signal) : null
      return registerModel(home, { name, format, bytes: await bytesBelow(source), sha256, source })
    },
    { signal },
  )
}

const readGgufSource = async (path: string): Promise<TokenizerSource> => {
  const model = await openGguf(path)
  await model.close()
  return ggufTokenizerSource(path, model.metadata)
}

const readFolderSource = async (folder: string): Promise<TokenizerSource> => {
  const graphs = await readdir(join(folder, 'onnx')).catch((): string[] => [])
  if (!graphs.some((file) => file.endsWith('.onnx'))) {
    throw new GatewayError(
      'model_file_invalid',
      `The folder ${folder} cannot be used: it holds no onnx/*.onnx. Give a GGUF file or a folder in the onnx-community layout.`,
    )
  }
  return folderTokenizerSource(folder)
}

/** Fails now rather than at the first request. */
const tryOut = async (source: TokenizerSource): Promise<void> => {
  createVocabulary(source)
  createTokenizer(source).encodeChat([{ role: 'user', content: 'Hello' }])
}

const place = async (source: string, home: string, name: string, format: 'gguf' | 'onnx'): Promise<void> => {
  const paths = modelPaths(home, name)
  const target = format === 'gguf' ? paths.gguf : paths.onnx
  const fresh = `${target}.new`
  await mkdir(paths.folder, { recursive: true })
  await rm(fresh, { recursive: true, force: true })
  if (format === 'gguf') await link(source, fresh).catch(() => copyFile(source, fresh))
  else await cp(source, fresh, { recursive: true, dereference: true })
  await rm(target, { recursive: true, force: true })
  await rename(fresh, target)
}

const bytesBelow = async (path: string): Promise<number> => {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const entries = await readdir(path)
  const sizes = await Promise.all(entries.map((entry) => bytesBelow(join(path, entry))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** `Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf` gives `qwen2.5-coder-0.5b-instruct.q4_k_m`. */
const nameOf = (path: string): string =>
  basename(path)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)

const checkedName = (name: string): string => {
  if (modelNameSchema.safeParse(name).success) return name
  throw new GatewayError(
    'invalid_request',
    `"${name}" is no model name. Use up to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit.`,
    { param: 'name' },
  )
}
