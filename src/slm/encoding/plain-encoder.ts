import type { TokenId } from '../../steer/token-id.ts'
import { modelFileInvalid } from '../gguf/gguf-directory.ts'
import type { TokenizerSource } from '../text/tokenizer-source.ts'
import { AddedTokens } from './added-tokens.ts'
import { BytePairEncoder } from './byte-pair-encoder.ts'
import { createBytePairTables } from './byte-pair-tables.ts'
import { libraryEncoder, type PlainEncoder } from './library-encoder.ts'
import { libraryTokenizer, textTokens } from './library-tokenizer.ts'
import { linearNormalizer } from './linear-normalizer.ts'
import { pieceSplitter } from './piece-splitter.ts'

// This room turns text into token ids, as the tokenizer library does, in time that grows with the text's length alone. It
// knows nothing of chats and of control tokens: texts come in stretches between these.

/**
 * The library's merging takes 15 µs and much memory for each byte of a long word, so that BPE is done here, with the library's
 * own normalizers and pre-tokenizers. Throws GatewayError `model_file_invalid`.
 */
export function createPlainEncoder(source: TokenizerSource): PlainEncoder {
  const parts = changesText(source.tokenizerConfig) ? null : bytePairParts(source)
  if (parts === null) return libraryEncoder(source)
  const { splitter, added, encoder } = parts
  return (text, first) => {
    const ids: number[] = []
    for (const section of added.sections(text, first ? 0 : 1)) {
      if ('id' in section) ids.push(section.id)
      else encoder.encode(splitter.pieces(section.text, section.section), ids)
    }
    return ids as TokenId[]
  }
}

/** Apart from the encoder, which would keep the whole source in memory. */
function bytePairParts(source: TokenizerSource) {
  const { normalizer = null, pre_tokenizer: preTokenizer = null } = source.tokenizerJson
  const splitter = pieceSplitter(
    preTokenizer,
    (part) => libraryTokenizer(source, { preTokenizer: part }).pre_tokenizer,
  )
  const tables = createBytePairTables(source.tokenizerJson, splitter)
  if (tables === null) return null
  const normalize = linearNormalizer(
    normalizer,
    (part) => libraryTokenizer(source, { normalizer: part }).normalizer,
  )
  const { bytewise } = splitter
  return {
    splitter,
    added: new AddedTokens(textTokens(source), normalize),
    encoder: new BytePairEncoder({ tables, bytewise, onUncovered: uncovered(source.origin) }),
  }
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
