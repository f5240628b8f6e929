import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { jsonValue } from '../../json-value.ts'
import { readRegularFile } from '../../read-regular-file.ts'

const MAX_MANIFEST_BYTES = 2 ** 20
const WEIGHTS = 'application/vnd.ollama.image.model'
/** `qwen3:0.6b`, `someone/model` or `host/someone/model:tag`. */
const NAME = /^(?:(?:([\w.-]+)\/)?([\w.-]+)\/)?([\w.-]+)(?::([\w.-]+))?$/

const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })),
})

/** A model in Ollama's store. */
export interface OllamaModel {
  /** Its weights, a GGUF file. */
  readonly file: string
  /** The name to call it by here. */
  readonly name: string
}

/**
 * Finds the model that Ollama calls `named` in the first of `folders` that has it. Rejects with GatewayError
 * `invalid_request` when none has, or when it is in several files.
 */
export async function findOllamaModel(named: string, folders: readonly string[]): Promise<OllamaModel> {
  const [, host = 'registry.ollama.ai', owner = 'library', model = '', tag = 'latest'] =
    NAME.exec(named) ?? []
  if (model === '' || [host, owner, model, tag].some((part) => /^\.+$/.test(part)))
    throw refusal(`"${named}" is no name of a model of Ollama.`)
  for (const folder of folders) {
    const text = await readRegularFile(
      join(folder, 'manifests', host, owner, model, tag),
      MAX_MANIFEST_BYTES,
    ).catch(() => null)
    if (text === null) continue
    const weights = weightsOf(named, text.toString('utf8'))
    const file = join(folder, 'blobs', weights.replace(':', '-'))
    if ((await stat(file).catch(() => null)) === null)
      throw refusal(`Ollama's store ${folder} lacks the weights of ${named}: run "ollama pull ${named}".`)
    return { file, name: tag === 'latest' ? model : `${model}-${tag}` }
  }
  throw refusal(`There is no model ${named} in ${folders.join(' or ')}: "ollama list" shows those there are.`)
}

function weightsOf(named: string, text: string): string {
  const manifest = manifestSchema.safeParse(jsonValue(text))
  const weights = manifest.data?.layers.filter(({ mediaType }) => mediaType === WEIGHTS) ?? []
  const [only] = weights
  if (only === undefined) throw refusal(`Ollama's manifest of ${named} names no weights: pull it again.`)
  if (weights.length > 1) throw refusal(`${named} is in several files, which cannot be imported.`)
  return only.digest
}

function refusal(message: string): GatewayError {
  return new GatewayError('invalid_request', message)
}
