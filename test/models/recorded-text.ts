import type { ModelText } from '../../src/models/model-text.ts'
import { controlTokensOf } from '../../src/slm/text/control-tokens.ts'
import { createTokenizer } from '../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../src/slm/text/vocabulary.ts'
import { recordedSource, type recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'

/** The text side of a tiny trained tokenizer. */
export function recordedText(name: keyof typeof recordedTokenizers): ModelText {
  const source = recordedSource(name)
  return {
    tokenizer: createTokenizer(source),
    vocabulary: createVocabulary(source),
    controlTokens: controlTokensOf(source),
    chatTemplate: source.chatTemplate,
  }
}
