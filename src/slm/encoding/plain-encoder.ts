// This room owns the turning of text into token ids, as the tokenizer library does it, in time that grows
// with the text's length alone. It must not know chats and control tokens: texts come in stretches
// between these.

import type { TokenId } from '../../steer/token-id.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { TokenizerSource } from '../tokenizer-files/tokenizer-source.ts'
import { AddedTokens } from './added-tokens.ts'
import { BytePairEncoder } from './byte-pair-encoder.ts'
import { type BytePairTables, createBytePairTables } from './byte-pair-tables.ts'
import { libraryEncoder, type PlainEncoder } from './library-encoder.ts'
import { libraryTokenizer, textTokens } from './library-tokenizer.ts'
import { linearNormalizer } from './linear-normalizer.ts'
import { type PieceSplitter, pieceSplitter } from './piece-splitter.ts'

/**
 * A source whose merges may be laid out already, so that the model's own vocabulary is not needed any
 * more.
 */
export interface EncoderSource extends TokenizerSource {
  readonly bytePair?: BytePairTables
}

/**
 * Lays out a BPE model's merges, in memory that threads share, in place of its vocabulary. Other models
 * stay as they are.
 */
export function encoderSource(source: TokenizerSource): EncoderSource {
  const { tokenizerJson, tokenizerConfig } = source
  if (changesText(tokenizerConfig)) return source
  const bytePair = createBytePairTables(tokenizerJson, splitterOf(source))
  if (bytePair === null) return source
  return { ...source, bytePair, tokenizerJson: { ...tokenizerJson, model: { type: 'BPE', vocab: {} } } }
}

/**
 * The library's merging takes 15 µs and much memory for each byte of a long word, so that BPE is done
 * here, with the library's own normalizers and pre-tokenizers. Throws GatewayError `model_file_invalid`.
 */
export function createPlainEncoder(from: EncoderSource): PlainEncoder {
  const source = from.bytePair === undefined ? encoderSource(from) : from
  const { bytePair } = source
  return bytePair === undefined ? libraryEncoder(source) : bytePairEncoder(source, bytePair)
}

function bytePairEncoder(source: EncoderSource, tables: BytePairTables): PlainEncoder {
  const splitter = splitterOf(source)
  const { bytewise } = splitter
  const encoder = new BytePairEncoder({ tables, bytewise, onUncovered: uncovered(source.origin) })
  const normalize = linearNormalizer(
    source.tokenizerJson.normalizer ?? null,
    (normalizer) => libraryTokenizer(source, { normalizer }).normalizer,
  )
  const added = new AddedTokens(textTokens(source), normalize)
  return (text, { first, atMost = Number.POSITIVE_INFINITY }) => {
    const ids: number[] = []
    for (const section of added.sections(text, first ? 0 : 1)) {
      if (ids.length > atMost) break
      if ('id' in section) ids.push(section.id)
      else encoder.encode(splitter.pieces(section.text, section.section), ids, atMost)
    }
    return ids as TokenId[]
  }
}

function splitterOf(source: TokenizerSource): PieceSplitter {
  return pieceSplitter(
    source.tokenizerJson.pre_tokenizer ?? null,
    (preTokenizer) => libraryTokenizer(source, { preTokenizer }).pre_tokenizer,
  )
}

function uncovered(origin: string): () => never {
  return () => {
    throw modelFileInvalid(origin, 'its vocabulary does not cover all bytes. Take another model.')
  }
}

/** Whether the library would change texts in ways that old models want. */
function changesText({ remove_space, do_lowercase_and_remove_accent }: TokenizerSource['tokenizerConfig']) {
  return remove_space === true || Boolean(do_lowercase_and_remove_accent)
}
