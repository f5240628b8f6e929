import { z } from 'zod'
import type { GgufMetadata } from '../gguf/gguf-directory.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { preTokenizerRecipes } from './pre-tokenizers.ts'
import type { AddedToken, TokenizerSource } from './tokenizer-source.ts'

const tokenIndex = z.coerce.number().int().min(0).optional()

const tokenizerKeys = z.object({
  'tokenizer.ggml.model': z.string(),
  'tokenizer.ggml.pre': z.string().default('gpt-2'),
  'tokenizer.ggml.tokens': z.array(z.string()).min(1),
  'tokenizer.ggml.token_type': z.array(z.number()),
  'tokenizer.ggml.merges': z.array(z.string()).default([]),
  'tokenizer.ggml.bos_token_id': tokenIndex,
  'tokenizer.ggml.eos_token_id': tokenIndex,
  'tokenizer.ggml.eot_token_id': tokenIndex,
  'tokenizer.ggml.eom_token_id': tokenIndex,
  'tokenizer.ggml.add_bos_token': z.boolean().default(false),
  'tokenizer.chat_template': z.string().nullish(),
})

type TokenizerKeys = z.infer<typeof tokenizerKeys>

const CONTROL = 3
const USER_DEFINED = 4
const UNUSED = 5

// GGUF keeps one end token of what may be a list; llama.cpp's server ends at these names too.
const endNames = new Set([
  '<|endoftext|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end_of_text|>',
  '<|end|>',
  '<end_of_turn>',
])

/**
 * Rebuilds the tokenizer of a byte-level BPE model from GGUF metadata. Throws
 * GatewayError `model_file_invalid`.
 */
export function ggufTokenizerSource(path: string, metadata: GgufMetadata): TokenizerSource {
  const parsed = tokenizerKeys.safeParse(metadata)
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))].join(', ')
    throw modelFileInvalid(path, `its metadata has no usable ${names}. Fetch or convert it again.`)
  }
  const keys = parsed.data
  const tokens = keys['tokenizer.ggml.tokens']
  if (keys['tokenizer.ggml.token_type'].length !== tokens.length) {
    throw modelFileInvalid(path, 'it has not one token type for each token. Fetch or convert it again.')
  }
  const endTokenIds = [
    keys['tokenizer.ggml.eos_token_id'],
    keys['tokenizer.ggml.eot_token_id'],
    keys['tokenizer.ggml.eom_token_id'],
    ...tokens.flatMap((token, id) => (endNames.has(token) ? [id] : [])),
  ].filter((id): id is number => id !== undefined && id < tokens.length)
  return {
    origin: path,
    tokenizerJson: rebuiltTokenizerJson(path, keys),
    tokenizerConfig: {},
    modelVocabularySize: tokens.length,
    chatTemplate: keys['tokenizer.chat_template'] ?? null,
    bosToken: tokens[keys['tokenizer.ggml.bos_token_id'] ?? -1] ?? null,
    eosToken: tokens[keys['tokenizer.ggml.eos_token_id'] ?? -1] ?? null,
    endTokenIds,
    prependBos: keys['tokenizer.ggml.add_bos_token'],
  }
}

function rebuiltTokenizerJson(path: string, keys: TokenizerKeys): TokenizerSource['tokenizerJson'] {
  if (keys['tokenizer.ggml.model'] !== 'gpt2') {
    const name = keys['tokenizer.ggml.model']
    throw modelFileInvalid(
      path,
      `its tokenizer "${name}" is not byte-level BPE. Take the model as a folder with tokenizer.json.`,
    )
  }
  const recipe = preTokenizerRecipes.get(keys['tokenizer.ggml.pre'])
  if (!recipe) {
    const known = [...preTokenizerRecipes.keys()].join(', ')
    throw modelFileInvalid(
      path,
      `its pre-tokenizer "${keys['tokenizer.ggml.pre']}" is none of ${known}. Take the model as a folder with tokenizer.json.`,
    )
  }
  const types = keys['tokenizer.ggml.token_type']
  const ordinary: [string, number][] = []
  const added: AddedToken[] = []
  for (const [id, content] of keys['tokenizer.ggml.tokens'].entries()) {
    const type = types[id]
    if (type === UNUSED) continue
    if (type === CONTROL || type === USER_DEFINED) {
      added.push({ id, content, special: type === CONTROL, lstrip: false, rstrip: false, normalized: false })
    } else ordinary.push([content, id])
  }
  return {
    model: {
      type: 'BPE',
      // fromEntries, since assigning the token `__proto__` would be lost
      vocab: Object.fromEntries(ordinary),
      merges: keys['tokenizer.ggml.merges'],
      ignore_merges: recipe.ignoreMerges,
    },
    added_tokens: added,
    normalizer: recipe.normalizer,
    pre_tokenizer: recipe.preTokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  }
}
