import { unguarded } from '../../guard/public.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { publicConversation } from '../prompts/public-conversation.ts'

const QUESTION = 'Write a short letter to a friend about how your week was.'

/** A question that says nothing of anybody, as the upstream's prompt. Rejects as `Upstream.encodeChat`. */
export async function samplePrompt(upstream: Upstream, signal: AbortSignal): Promise<PublicTokens> {
  const messages = publicConversation([{ role: 'user', content: QUESTION }])
  return unguarded(await upstream.encodeChat(unguarded({ messages }), signal))
}
