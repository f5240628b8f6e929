import { join } from 'node:path'
import { z } from 'zod'
import { readFolderJson, readFolderText } from '../folder-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { type TokenizerSource, tokenizerJsonSchema } from './tokenizer-source.ts'

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
const modelKeys = { vocab_size: z.number().int().positive().nullish(), eos_token_id: endIds }
/** A model that also sees has its decoder in `text_config`. */
const modelConfigSchema = z.looseObject({
  ...modelKeys,
  text_config: z.looseObject(modelKeys).nullish(),
})

/**
 * Reads `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`, `config.json`
 * and `generation_config.json` of a Hugging Face folder; only the first is required.
 * Rejects with GatewayError `model_file_invalid`.
 */
export async function folderTokenizerSource(folder: string): Promise<TokenizerSource> {
  const json = <T>(name: string, schema: z.ZodType<T>) => readFolderJson(folder, { name, schema })
  const [tokenizerJson, tokenizerConfig, template, config, generation] = await Promise.all([
    json('tokenizer.json', tokenizerJsonSchema),
    json('tokenizer_config.json', tokenizerConfigSchema),
    readFolderText(folder, 'chat_template.jinja'),
    json('config.json', modelConfigSchema),
    json('generation_config.json', modelConfigSchema),
  ])
  if (!tokenizerJson) {
    const what = 'it does not exist. Fetch it with the rest of the folder, or take a GGUF file.'
    throw modelFileInvalid(join(folder, 'tokenizer.json'), what)
  }
  const part = config?.text_config
  const templates = tokenizerConfig?.chat_template
  const fromConfig = Array.isArray(templates)
    ? (templates.find(({ name }) => name === 'default') ?? templates[0])?.template
    : templates
  return {
    origin: folder,
    tokenizerJson,
    tokenizerConfig: tokenizerConfig ?? {},
    modelVocabularySize: config?.vocab_size ?? part?.vocab_size ?? null,
    chatTemplate: template ?? fromConfig ?? null,
    bosToken: tokenizerConfig?.bos_token ?? null,
    eosToken: tokenizerConfig?.eos_token ?? null,
    endTokenIds: [config, part, generation].flatMap((file) => file?.eos_token_id ?? []),
    prependBos: false,
  }
}
