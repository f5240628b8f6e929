import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { VocabularyAlignment } from '../../steer/alignment/vocabulary-alignment.ts'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { RawPrompt } from './raw-prompts.ts'

interface LocalEncoding {
  /** The local model's. */
  readonly tokenizer: Tokenizer
  /** The upstream's vocabulary, in which token ids are sent. */
  readonly upstream: Vocabulary
  readonly alignment: Pick<VocabularyAlignment, 'pieces'>
}

/**
 * A raw prompt in the local model's tokens, where the upstream's are others. Text is encoded anew; of token
 * ids each stretch of text is, and control tokens become those that are written the same.
 */
export function localRawPrompt(prompt: RawPrompt, encoding: LocalEncoding): readonly TokenId[] {
  const { tokenizer } = encoding
  const tokens =
    prompt.type === 'text'
      ? tokenizer.encodePrompt(prompt.text)
      : withStart(reencoded(tokenIds(prompt.tokens), encoding), tokenizer.promptStart)
  // Both streams need something to stand on, also where only the upstream's prompts begin with a token.
  return tokens.length > 0 ? tokens : tokenizer.encode('\n')
}

function withStart(tokens: readonly TokenId[], start: readonly TokenId[]): readonly TokenId[] {
  return start.length > 0 && tokens[0] !== start[0] ? [...start, ...tokens] : tokens
}

function reencoded(tokens: readonly TokenId[], encoding: LocalEncoding): TokenId[] {
  const { upstream, alignment } = encoding
  const own: TokenId[] = []
  let stretch: TokenId[] = []
  const flush = () => {
    for (const token of encodedText(stretch, encoding)) own.push(token)
    stretch = []
  }
  for (const token of tokens) {
    if (upstream.bytes(token).length > 0) stretch.push(token)
    else {
      flush()
      own.push(...alignment.pieces(token))
    }
  }
  flush()
  return own
}

/** Token by token where the bytes end inside a character. */
function encodedText(
  tokens: readonly TokenId[],
  { tokenizer, upstream, alignment }: LocalEncoding,
): readonly TokenId[] {
  const bytes = Buffer.concat(tokens.map((token) => upstream.bytes(token)))
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes)
    ? tokenizer.encode(text)
    : tokens.flatMap((token) => alignment.pieces(token))
}
