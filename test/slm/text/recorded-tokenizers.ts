import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  type TokenizerSource,
  tokenizerJsonSchema,
} from '../../../src/slm/tokenizer-files/tokenizer-source.ts'

const ids = z.array(z.number())
const message = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })

/** Texts and conversations with the token ids that a reference gives for them. */
export const encodedSchema = z.object({
  texts: z.array(z.tuple([z.string(), ids])),
  chats: z.array(z.tuple([z.array(message), ids])),
})

const recordedSchema = encodedSchema.extend({ tokenizerJson: tokenizerJsonSchema, chatTemplate: z.string() })

/** Three tiny trained tokenizers with what Hugging Face's own libraries encode. */
export const recordedTokenizers = z
  .object({ smollm: recordedSchema, qwen2: recordedSchema, sentencepiece: recordedSchema })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/tokenizers.json', import.meta.url), 'utf8')))

export function recordedSource(name: keyof typeof recordedTokenizers): TokenizerSource {
  return {
    origin: name,
    tokenizerJson: recordedTokenizers[name].tokenizerJson,
    tokenizerConfig: {},
    modelVocabularySize: null,
    chatTemplate: recordedTokenizers[name].chatTemplate,
    bosToken: '<|endoftext|>',
    eosToken: '<|endoftext|>',
    endTokenIds: [],
    prependBos: false,
  }
}
