import type { Guard } from '../../guard/guard.ts'
import type { ModelText } from '../../models/model-text.ts'
import { ByteTokens } from '../../steer/alignment/byte-tokens.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import type { TokenId } from '../../steer/token-id.ts'

/** The guard in an upstream's tokens. */
export function tokenGuard(
  { guard, masksPrompt }: { readonly guard: Guard; readonly masksPrompt: boolean },
  { tokenizer, vocabulary }: Pick<ModelText, 'tokenizer' | 'vocabulary'>,
): DecodeGuard {
  let byBytes: ByteTokens | null = null
  return {
    vocabulary,
    realForms: guard.realForms,
    masksPrompt,
    aliasFor: (form, written) => guard.aliasFor(form, written),
    encode(text) {
      const bytes = Buffer.from(text)
      const tokens = tokenizer.encode(text)
      const read = Buffer.concat(tokens.map((token: TokenId) => vocabulary.bytes(token)))
      if (read.equals(bytes)) return tokens
      // Some tokenizers begin each text with a space
      byBytes ??= new ByteTokens(vocabulary)
      return byBytes.split(bytes)
    },
  }
}
