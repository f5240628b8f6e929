import { GatewayError } from '../../gateway-error.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { PublicPrompt } from '../answer-request.ts'
import { type PromptWindow, privatePreface } from './private-prompt.ts'
import type { SteeredPrompts } from './steered-prompts.ts'

export type RawPrompt = Exclude<PublicPrompt, { type: 'chat' }>

/**
 * The upstream's tokens of a prompt without chat template; of what its window does not hold, perhaps only the
 * beginning. Throws `invalid_request` for no tokens, or unknown ones.
 */
export function encodeRawPrompt(
  prompt: RawPrompt,
  { tokenizer, vocabulary }: { tokenizer: Tokenizer; vocabulary: Vocabulary },
): readonly TokenId[] {
  const tokens = prompt.type === 'text' ? tokenizer.encodePrompt(prompt.text) : tokenIds(prompt.tokens)
  const refuse = (message: string) => new GatewayError('invalid_request', message, { param: 'prompt' })
  if (tokens.length === 0)
    throw refuse('The prompt is empty, and there is nothing to continue. Send some text.')
  if (tokens.some((id) => id < 0 || id >= vocabulary.size)) {
    throw refuse(`The prompt holds a token id outside the vocabulary (0 to ${vocabulary.size - 1}).`)
  }
  return tokens
}

/**
 * The local pair's two prompts for a raw public prompt in its own tokens: the profile stands as plain text
 * before the first one's, which the same tokens follow in both. Throws `context_length_exceeded` when not
 * even the profile's facts fit.
 */
export function steeredRawPrompts(
  prompt: readonly TokenId[],
  profile: Profile,
  { vocabulary, ...window }: PromptWindow & { readonly vocabulary: Vocabulary },
): SteeredPrompts {
  const { tokenizer } = window
  const { promptStart } = tokenizer
  const begins = promptStart.length > 0 && prompt[0] === promptStart[0]
  const room = { ...window, publicTokens: prompt.length }
  const preface = tokenizer.encode(privatePreface(profile, textOf(prompt, vocabulary), room))
  const rest = begins ? prompt.slice(promptStart.length) : prompt
  return { with: [...promptStart, ...preface, ...rest], without: prompt }
}

/** What tokens read. */
export function textOf(tokens: readonly TokenId[], vocabulary: Vocabulary): string {
  return new TextDecoder().decode(Buffer.concat(tokens.map((token) => vocabulary.bytes(token))))
}
