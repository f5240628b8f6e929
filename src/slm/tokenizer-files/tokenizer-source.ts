// This room owns what a model file says of its tokenizer: the words, merges and marks,
// whichever form the file has. It must not encode anything.

import { z } from 'zod'

const addedTokenSchema = z.looseObject({
  id: z.number().int().min(0).max(10_000_000),
  content: z.string().min(1),
  special: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
})

export type AddedToken = z.infer<typeof addedTokenSchema>

/**
 * The parts of Hugging Face's `tokenizer.json` that are read here; the rest goes to the
 * tokenizer library as it is.
 */
export const tokenizerJsonSchema = z.looseObject({
  model: z.looseObject({
    type: z.string().nullish(),
    vocab: z.union([
      z.record(z.string(), z.number().int().min(0).max(10_000_000)),
      z.array(z.tuple([z.string(), z.number()])),
    ]),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).nullish(),
    /** The rank of each merge; its place in the list where there are none. */
    merge_ranks: z.array(z.number()).nullish(),
    unk_token: z.string().nullish(),
    fuse_unk: z.boolean().nullish(),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
    end_of_word_suffix: z.string().nullish(),
    continuing_subword_suffix: z.string().nullish(),
  }),
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: z.looseObject({}).nullish(),
  pre_tokenizer: z.looseObject({ type: z.string().nullish() }).nullish(),
  post_processor: z.looseObject({}).nullish(),
  decoder: z.looseObject({ type: z.string().nullish() }).nullish(),
})

export type TokenizerJson = z.infer<typeof tokenizerJsonSchema>

/** All that a model's files say about its text, whatever their format. */
export interface TokenizerSource {
  /** The file or folder it came from, for error messages. */
  readonly origin: string
  readonly tokenizerJson: TokenizerJson
  /** Hugging Face's `tokenizer_config.json`, as the tokenizer library wants it. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>
  /** Rows of the model's output head, when the files say so: at least the number of tokens. */
  readonly modelVocabularySize: number | null
  /** Jinja source, null when the model is no chat model. */
  readonly chatTemplate: string | null
  readonly bosToken: string | null
  readonly eosToken: string | null
  /** End tokens that the files name, beside those that the chat template shows. */
  readonly endTokenIds: readonly number[]
  /** The rendered chat is preceded by the BOS token when the template does not write it. */
  readonly prependBos: boolean
}

/** Token strings in id order; undefined where an id is unused. */
export function tokenStrings({ model, added_tokens }: TokenizerJson): (string | undefined)[] {
  const strings: (string | undefined)[] = []
  if (Array.isArray(model.vocab)) for (const [id, [token]] of model.vocab.entries()) strings[id] = token
  else for (const [token, id] of Object.entries(model.vocab)) strings[id] = token
  for (const { id, content } of added_tokens) strings[id] = content
  for (let id = 0; id < strings.length; id++) {
    if (strings[id] === `[PAD${id}]`) strings[id] = undefined
  }
  return strings
}

const ANGLED = /^<\|.*\|>$/

/** Whether a token steers the model instead of being text: what a user's text must never turn into. */
export function isControlToken(token: AddedToken): boolean {
  return token.special || ANGLED.test(token.content)
}
