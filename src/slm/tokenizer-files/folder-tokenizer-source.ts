import { join } from 'node:path'
import { z } from 'zod'
import { errorCode } from '../../error-code.ts'
import { readProblem, readRegularFile } from '../../read-regular-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { type TokenizerSource, tokenizerJsonSchema } from './tokenizer-source.ts'

/** Of the largest vocabularies, times ten. */
const MAX_BYTES = 256 * 2 ** 20

const tokenName = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish()

const tokenizerConfigSchema = z.looseObject({
  bos_token: tokenName,
  eos_token: tokenName,
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
})

const endIds = z.union([z.number(), z.array(z.number())]).nullish()
const modelConfigSchema = z.looseObject({
  vocab_size: z.number().int().positive().nullish(),
  eos_token_id: endIds,
})

async function readText(folder: string, name: string): Promise<string | null> {
  try {
    return (await readRegularFile(join(folder, name), MAX_BYTES)).toString('utf8')
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null
    const what = `it cannot be read (${readProblem(cause)}). Check what it is, and its permissions.`
    throw modelFileInvalid(join(folder, name), what, cause)
  }
}

async function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readText(folder, name)
  if (text === null) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw modelFileInvalid(
      join(folder, name),
      'it is not the JSON file its name promises. Fetch it again.',
      cause,
    )
  }
}

/**
 * Reads `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`, `config.json`
 * and `generation_config.json` of a Hugging Face folder; only the first is required.
 * Rejects with GatewayError `model_file_invalid`.
 */
export async function folderTokenizerSource(folder: string): Promise<TokenizerSource> {
  const [tokenizerJson, tokenizerConfig, template, config, generation] = await Promise.all([
    readJson(folder, 'tokenizer.json', tokenizerJsonSchema),
    readJson(folder, 'tokenizer_config.json', tokenizerConfigSchema),
    readText(folder, 'chat_template.jinja'),
    readJson(folder, 'config.json', modelConfigSchema),
    readJson(folder, 'generation_config.json', modelConfigSchema),
  ])
  if (!tokenizerJson) throw modelFileInvalid(join(folder, 'tokenizer.json'), 'it does not exist.')
  const templates = tokenizerConfig?.chat_template
  const fromConfig = Array.isArray(templates)
    ? (templates.find(({ name }) => name === 'default') ?? templates[0])?.template
    : templates
  return {
    origin: folder,
    tokenizerJson,
    tokenizerConfig: tokenizerConfig ?? {},
    modelVocabularySize: config?.vocab_size ?? null,
    chatTemplate: template ?? fromConfig ?? null,
    bosToken: tokenizerConfig?.bos_token ?? null,
    eosToken: tokenizerConfig?.eos_token ?? null,
    endTokenIds: [config?.eos_token_id, generation?.eos_token_id].flatMap((ids) => ids ?? []),
    prependBos: false,
  }
}
