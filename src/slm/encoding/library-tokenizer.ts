import { Tokenizer } from '@huggingface/tokenizers'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { type AddedToken, isControlToken, type TokenizerSource } from '../tokenizer-files/tokenizer-source.ts'

/** What is used of the library's tokenizer; its own types do not reach TypeScript's `nodenext`. */
interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: false }): { ids: readonly (number | undefined)[] }
  readonly normalizer: LibraryNormalizer | null
  readonly pre_tokenizer: LibraryPreTokenizer | null
}

export interface LibraryNormalizer {
  normalize(text: string): string
}

export interface LibraryPreTokenizer {
  pre_tokenize_text(text: string, options: { section_index: number }): string[]
  /** Of those that cut at a pattern, as JavaScript reads it. */
  readonly pattern?: RegExp | null
}

/** Parts of `tokenizer.json`. */
interface LibraryParts {
  readonly model?: unknown
  readonly normalizer?: unknown
  readonly preTokenizer?: unknown
  readonly addedTokens?: readonly AddedToken[]
}

/** The library needs some model, also where only its other parts are wanted. */
const noModel = { type: 'BPE', vocab: {}, merges: [] }

/**
 * The library's tokenizer with these parts. Throws GatewayError `model_file_invalid` where the library
 * knows none of that kind.
 */
export function libraryTokenizer(
  { tokenizerJson, tokenizerConfig, origin }: TokenizerSource,
  { model = noModel, normalizer = null, preTokenizer = null, addedTokens = [] }: LibraryParts,
): LibraryTokenizer {
  try {
    return new Tokenizer(
      {
        model,
        normalizer,
        pre_tokenizer: preTokenizer,
        post_processor: null,
        decoder: tokenizerJson.decoder ?? null,
        added_tokens: addedTokens,
      },
      tokenizerConfig,
    )
  } catch (cause) {
    throw modelFileInvalid(
      origin,
      'its tokenizer is of a kind that is not supported. Take another model.',
      cause,
    )
  }
}

/** The tokens that may stand in a text; control tokens may not. */
export function textTokens({ tokenizerJson }: TokenizerSource): readonly AddedToken[] {
  return tokenizerJson.added_tokens.filter((token) => !isControlToken(token))
}
