import { type TokenId, tokenId } from '../../steer/token-id.ts'
import { isControlToken, type TokenizerSource } from '../tokenizer-files/tokenizer-source.ts'

/** What a model's control tokens are written as, such as `<|im_end|>`. */
export type ControlTokens = ReadonlyMap<TokenId, string>

/** The control tokens that a tokenizer declares. */
export function controlTokensOf({ tokenizerJson }: TokenizerSource): ControlTokens {
  return new Map(
    tokenizerJson.added_tokens.filter(isControlToken).map(({ id, content }) => [tokenId(id), content]),
  )
}
