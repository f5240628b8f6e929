import { z } from 'zod'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { ModelMetadata } from '../weights/model-source.ts'
import { preTokenizerRecipes } from './pre-tokenizers.ts'
import { mergedPieceParts, sentencePieceParts } from './sentence-piece.ts'
import type { AddedToken, TokenizerSource } from './tokenizer-source.ts'

const tokenIndex = z.coerce.number().int().min(0).optional()

const tokenizerKeys = z.object({
  'tokenizer.ggml.model': z.string(),
  'tokenizer.ggml.pre': z.string().default('gpt-2'),
  'tokenizer.ggml.tokens': z.array(z.string()).min(1),
  'tokenizer.ggml.token_type': z.array(z.number()),
  'tokenizer.ggml.merges': z.array(z.string()).default([]),
  'tokenizer.ggml.scores': z.array(z.number()).default([]),
  'tokenizer.ggml.bos_token_id': tokenIndex,
  'tokenizer.ggml.eos_token_id': tokenIndex,
  'tokenizer.ggml.eot_token_id': tokenIndex,
  'tokenizer.ggml.eom_token_id': tokenIndex,
  'tokenizer.ggml.unknown_token_id': tokenIndex,
  'tokenizer.ggml.add_bos_token': z.boolean().optional(),
  'tokenizer.ggml.add_space_prefix': z.boolean().default(true),
  'tokenizer.chat_template': z.string().nullish(),
})

type TokenizerKeys = z.infer<typeof tokenizerKeys>

const UNKNOWN = 2
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
  '<turn|>',
  '<|return|>',
  '<|call|>',
])

/**
 * Rebuilds the tokenizer of a byte-level BPE, SentencePiece or Gemma 4 model from GGUF metadata. Throws
 * GatewayError `model_file_invalid`.
 */
export function ggufTokenizerSource(path: string, metadata: ModelMetadata): TokenizerSource {
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
  const { addsBos, ...parts } = tokenizerParts(path, keys)
  return {
    origin: path,
    tokenizerJson: { ...parts, added_tokens: addedTokens(keys), post_processor: null },
    tokenizerConfig: {},
    modelVocabularySize: tokens.length,
    chatTemplate: keys['tokenizer.chat_template'] ?? null,
    bosToken: tokens[keys['tokenizer.ggml.bos_token_id'] ?? -1] ?? null,
    eosToken: tokens[keys['tokenizer.ggml.eos_token_id'] ?? -1] ?? null,
    endTokenIds,
    prependBos: keys['tokenizer.ggml.add_bos_token'] ?? addsBos,
  }
}

type TokenizerParts = Pick<
  TokenizerSource['tokenizerJson'],
  'model' | 'normalizer' | 'pre_tokenizer' | 'decoder'
> & { readonly addsBos: boolean }

function tokenizerParts(path: string, keys: TokenizerKeys): TokenizerParts {
  const name = keys['tokenizer.ggml.model']
  if (name === 'gpt2') return byteLevelParts(path, keys)
  if (name === 'gemma4') return { ...mergedPieces(keys), addsBos: true }
  if (name === 'llama') return { ...sentencePieces(path, keys), addsBos: true }
  throw modelFileInvalid(
    path,
    `its tokenizer "${name}" is neither byte-level BPE nor SentencePiece. Take the model as a folder with tokenizer.json.`,
  )
}

function byteLevelParts(path: string, keys: TokenizerKeys): TokenizerParts {
  const recipe = preTokenizerRecipes.get(keys['tokenizer.ggml.pre'])
  if (!recipe) {
    const known = [...preTokenizerRecipes.keys()].join(', ')
    throw modelFileInvalid(
      path,
      `its pre-tokenizer "${keys['tokenizer.ggml.pre']}" is none of ${known}. Take the model as a folder with tokenizer.json.`,
    )
  }
  return {
    model: {
      type: 'BPE',
      // fromEntries, since assigning the token `__proto__` would be lost
      vocab: Object.fromEntries(ordinaryTokens(keys)),
      merges: keys['tokenizer.ggml.merges'],
      ignore_merges: recipe.ignoreMerges,
    },
    normalizer: recipe.normalizer,
    pre_tokenizer: recipe.preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    addsBos: recipe.addsBos === true,
  }
}

function sentencePieces(path: string, keys: TokenizerKeys) {
  const scores = keys['tokenizer.ggml.scores']
  if (scores.length !== keys['tokenizer.ggml.tokens'].length) {
    throw modelFileInvalid(path, 'it has not one score for each token. Fetch or convert it again.')
  }
  const unknown = keys['tokenizer.ggml.tokens'][keys['tokenizer.ggml.unknown_token_id'] ?? -1] ?? null
  const ordinary = ordinaryTokens(keys)
  const pieces = new Map(ordinary.map(([piece, id]) => [piece, { id, score: scores[id] ?? 0 }]))
  return sentencePieceParts({ pieces, unknown, startsWithSpace: keys['tokenizer.ggml.add_space_prefix'] })
}

/** Gemma 4's: pieces as SentencePiece has them, and merges in the file as byte pair encoding has them. */
function mergedPieces(keys: TokenizerKeys) {
  const unknown = keys['tokenizer.ggml.tokens'][keys['tokenizer.ggml.unknown_token_id'] ?? -1] ?? null
  const merges = keys['tokenizer.ggml.merges']
  return mergedPieceParts({ vocabulary: ordinaryTokens(keys), merges, unknown })
}

function ordinaryTokens(keys: TokenizerKeys): [string, number][] {
  const types = keys['tokenizer.ggml.token_type']
  return keys['tokenizer.ggml.tokens'].flatMap((token, id): [string, number][] => {
    const type = types[id]
    return type === UNUSED || isAdded(type) ? [] : [[token, id]]
  })
}

function addedTokens(keys: TokenizerKeys): AddedToken[] {
  const types = keys['tokenizer.ggml.token_type']
  return keys['tokenizer.ggml.tokens'].flatMap((content, id): AddedToken[] => {
    const type = types[id]
    if (!isAdded(type)) return []
    const special = type !== USER_DEFINED
    return [{ id, content, special, lstrip: false, rstrip: false, normalized: false }]
  })
}

function isAdded(type: number | undefined): boolean {
  return type === CONTROL || type === USER_DEFINED || type === UNKNOWN
}
