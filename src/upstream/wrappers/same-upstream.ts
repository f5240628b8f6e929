import type { Upstream } from '../../steer/upstream.ts'

/** What a wrapper may do in its own way. */
type Calls = Partial<Pick<Upstream, 'encodeChat' | 'distributions' | 'stream'>>

/** The same upstream but for the calls that are given: all others, and what it says of itself, stay. */
export function sameUpstream(upstream: Upstream, calls: Calls): Upstream {
  return {
    model: upstream.model,
    vocabulary: upstream.vocabulary,
    limits: upstream.limits,
    ...(upstream.chatTemplate !== undefined && { chatTemplate: upstream.chatTemplate }),
    ...(upstream.elsewhere !== undefined && { elsewhere: upstream.elsewhere }),
    encodeChat: (chat, signal) => upstream.encodeChat(chat, signal),
    distributions: (query) => upstream.distributions(query),
    stream: (query) => upstream.stream(query),
    close: () => upstream.close(),
    ...calls,
  }
}
