import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import { sameUpstream } from './same-upstream.ts'

/** Told by how many queries the number in flight has changed. */
export type InFlightObserver = (change: number) => void

/** The same upstream, whose queries are counted from asking to their last answer. */
export function countedUpstream(upstream: Upstream, onInFlight: InFlightObserver): Upstream {
  return sameUpstream(upstream, {
    async distributions(query) {
      onInFlight(query.prefixes.length)
      try {
        return await upstream.distributions(query)
      } finally {
        onInFlight(-query.prefixes.length)
      }
    },
    stream: (query) => countedStream(upstream, query, onInFlight),
  })
}

async function* countedStream(
  upstream: Upstream,
  query: StreamQuery,
  onInFlight: InFlightObserver,
): AsyncGenerator<StreamedToken, void, undefined> {
  onInFlight(1)
  try {
    yield* upstream.stream(query)
  } finally {
    onInFlight(-1)
  }
}
