import { readGgufDirectory } from '../../../src/slm/gguf/gguf-directory.ts'
import { type ControlTokens, controlTokensOf } from '../../../src/slm/text/control-tokens.ts'
import { createTokenizer, type Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

export interface LocalText {
  readonly vocabulary: Vocabulary
  readonly tokenizer: Tokenizer
  readonly controlTokens: ControlTokens
}

/** The local side's view of a model's tokens, from a GGUF file. */
export async function localTextOf(path: string): Promise<LocalText> {
  const { metadata } = await readGgufDirectory(path)
  const source = ggufTokenizerSource(path, metadata)
  return {
    vocabulary: createVocabulary(source),
    tokenizer: createTokenizer(source),
    controlTokens: controlTokensOf(source),
  }
}
