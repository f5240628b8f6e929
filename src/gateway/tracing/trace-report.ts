import type { TokenTrace, TracedSpan } from '../../steer/decoding/token-trace.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

interface NamedToken {
  readonly id: number
  /** The token's bytes as UTF-8, with U+FFFD for parts of characters. */
  readonly text: string
}

/** A token's trace with the tokens' texts, as it is shown to people. Fields as in `TokenTrace`. */
export interface TraceReport {
  readonly position: number
  readonly token: NamedToken
  readonly upstream: readonly (NamedToken & { readonly logprob: number })[]
  readonly steered: readonly (NamedToken & { readonly logprob: number; readonly delta: number })[]
  readonly unsteered: NamedToken
  readonly shift: number
  readonly draft: NamedToken | null
  readonly local: TracedSpan | null
  readonly upstreamQuery: TracedSpan
  readonly emittedMs: number
}

/** The trace of a token with the text of every token that it names; log-probabilities in nats as they are. */
export function traceReport(token: TokenId, trace: TokenTrace, vocabulary: Vocabulary): TraceReport {
  const named = (id: TokenId): NamedToken => ({ id, text: new TextDecoder().decode(vocabulary.bytes(id)) })
  const { upstream, steered, unsteered, draft, ...rest } = trace
  return {
    ...rest,
    token: named(token),
    upstream: upstream.map(({ token: id, logprob }) => ({ ...named(id), logprob })),
    steered: steered.map(({ token: id, logprob, delta }) => ({ ...named(id), logprob, delta })),
    unsteered: named(unsteered),
    draft: draft === null ? null : named(draft),
  }
}
