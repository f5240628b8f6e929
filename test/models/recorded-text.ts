import type { ModelText } from '../../src/models/model-text.ts'
import { foregroundTokenizer } from '../../src/slm/encoding-thread/background-tokenizer.ts'
import { controlTokensOf } from '../../src/slm/text/control-tokens.ts'
import { createTokenizer } from '../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../src/slm/text/vocabulary.ts'
import { recordedSource, type recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'

/** The text side of a tiny trained tokenizer. */
export function recordedText(name: keyof typeof recordedTokenizers): ModelText {
  const source = recordedSource(name)
  const tokenizer = createTokenizer(source)
  return {
    tokenizer,
    background: foregroundTokenizer(tokenizer),
    vocabulary: createVocabulary(source),
    controlTokens: controlTokensOf(source),
    chatTemplate: source.chatTemplate,
  }
}
