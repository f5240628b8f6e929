import type { TokenId } from '../../steer/token-id.ts'
import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { sameUpstream } from './same-upstream.ts'

/** Hears of all that is asked and answered, and may end it by throwing. */
export interface QueryMeter {
  /** Before a prefix is sent. */
  asked(prefix: readonly TokenId[]): void
  /** So many tokens have come. */
  received(tokens: number): void
}

/** The same upstream, for one answer: what it is asked is metered. */
export function meteredUpstream(upstream: Upstream, meter: QueryMeter): Upstream {
  return sameUpstream(upstream, {
    async distributions(query) {
      for (const prefix of query.prefixes) meter.asked(prefix)
      const answers = await upstream.distributions(query)
      meter.received(answers.length)
      return answers
    },
    async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
      meter.asked(query.prefix)
      for await (const step of upstream.stream(query)) {
        meter.received(1)
        yield step
      }
    },
  })
}
