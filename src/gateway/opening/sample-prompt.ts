import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { publicConversation } from '../prompts/public-conversation.ts'

const QUESTION = 'Write a short letter to a friend about how your week was.'

/** A question that says nothing of anybody, as the upstream's prompt. Rejects as `Upstream.encodeChat`. */
export function samplePrompt(upstream: Upstream, signal: AbortSignal): Promise<readonly TokenId[]> {
  return upstream.encodeChat({ messages: publicConversation([{ role: 'user', content: QUESTION }]) }, signal)
}
