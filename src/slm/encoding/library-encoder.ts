import { type TokenId, tokenId } from '../../steer/token-id.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { type TokenizerSource, tokenStrings } from '../tokenizer-files/tokenizer-source.ts'
import { libraryTokenizer, textTokens } from './library-tokenizer.ts'
import { withUnicodeDigits } from './unicode-digits.ts'

/** Encodes text between control tokens. */
export type PlainEncoder = (text: string, options: PlainOptions) => TokenId[]

interface PlainOptions {
  /** Whether nothing stands before the text. */
  readonly first: boolean
  /** Encoding may end as soon as there are more tokens than this. */
  readonly atMost?: number | undefined
}

/** Encodes with the library alone, for models other than BPE. */
export function libraryEncoder(source: TokenizerSource): PlainEncoder {
  const { tokenizerJson, origin } = source
  // Stands for the control token before a text, since SentencePiece models treat the very first text
  // differently
  const before = {
    id: tokenStrings(tokenizerJson).length,
    content: '\uFDD0',
    special: true,
    lstrip: false,
    rstrip: false,
    normalized: false,
  }
  const library = libraryTokenizer(source, {
    model: tokenizerJson.model,
    normalizer: tokenizerJson.normalizer,
    preTokenizer: withUnicodeDigits(tokenizerJson.pre_tokenizer ?? null),
    addedTokens: [...textTokens(source), before],
  })
  const hasSections = JSON.stringify(tokenizerJson.pre_tokenizer ?? null).includes('"prepend_scheme":"first"')
  return (text, { first }) => {
    if (text === '') return []
    const sectioned = hasSections && !first
    // The stand-in is a noncharacter, which no text may use to exchange
    const clean = text.replaceAll(before.content, '\uFFFD')
    const marked = sectioned ? before.content + clean : clean
    const { ids } = library.encode(marked, { add_special_tokens: false })
    return Array.from(sectioned ? ids.slice(1) : ids, (id) => {
      if (id !== undefined) return tokenId(id)
      throw modelFileInvalid(origin, 'its vocabulary does not cover all bytes. Take another model.')
    })
  }
}
