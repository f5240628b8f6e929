import { GatewayError } from '../../gateway-error.ts'
import { tokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { PublicPrompt } from '../answer-request.ts'

/**
 * Refuses texts that fit no window even if all their tokens were the vocabulary's longest, before turning
 * them into tokens holds everybody up for seconds. Throws `context_length_exceeded`.
 */
export function checkTextLength(
  prompt: PublicPrompt,
  { vocabulary, limits }: Pick<Upstream, 'vocabulary' | 'limits'>,
): void {
  const bytes = textsOf(prompt).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const most = limits.contextTokens * longestToken(vocabulary)
  if (bytes <= most) return
  const param = prompt.type === 'chat' ? 'messages' : 'prompt'
  const message = `The request's ${param} hold ${bytes} bytes of text, and the upstream model's window of ${limits.contextTokens} tokens holds fewer than ${most}. Shorten them.`
  throw new GatewayError('context_length_exceeded', message, { param })
}

function textsOf(prompt: PublicPrompt): readonly string[] {
  // Templates may trim what a message begins and ends with.
  if (prompt.type === 'chat') return prompt.messages.map(({ content }) => content.trim())
  return prompt.type === 'text' ? [prompt.text] : []
}

const lengths = new WeakMap<Vocabulary, number>()

/** Bytes, counted once for each vocabulary. */
function longestToken(vocabulary: Vocabulary): number {
  const known = lengths.get(vocabulary)
  if (known !== undefined) return known
  let longest = 1
  for (let id = 0; id < vocabulary.size; id++) {
    longest = Math.max(longest, vocabulary.bytes(tokenId(id)).length)
  }
  lengths.set(vocabulary, longest)
  return longest
}
