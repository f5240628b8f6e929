import type { Distribution } from '../../src/steer/distribution.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../src/steer/upstream.ts'
import type { Vocabulary } from '../../src/steer/vocabulary.ts'
import type { RecordedTrace } from './recorded-trace.ts'
import { replayedPosition } from './replayed-path.ts'
import type { VirtualTime } from './virtual-time.ts'

interface UpstreamLatency {
  readonly rttMs: number
  /** For each token that a query returns. */
  readonly stepMs: number
  /** What each query in flight adds to a step. */
  readonly crowdingMs: number
}

export interface ReplayedUpstreamOptions {
  readonly trace: RecordedTrace
  readonly time: VirtualTime
  readonly latency: UpstreamLatency
  readonly maxInFlight: number
  /** A factor for each duration. */
  readonly jitter: () => number
  /** Whose tokens were recorded; left out where nobody reads them. */
  readonly vocabulary?: Vocabulary
}

const unread: Vocabulary = {
  size: 151_936,
  fingerprint: 'recorded',
  bytes: () => new Uint8Array(),
  endTokens: new Set(),
}

/**
 * A recorded upstream: the i-th step of a query comes `rttMs + i * stepMs` after it was sent, later by
 * what the queries beside it cost.
 * More than `maxInFlight` queries at once are an error.
 */
export class ReplayedUpstream implements Upstream {
  readonly model = 'recorded'
  readonly vocabulary: Vocabulary
  readonly limits: Upstream['limits']
  inFlight = 0
  /** Of each query: where it started, and whether it was over before its first answer. */
  readonly queries: { readonly prefix: readonly TokenId[]; answered: number }[] = []
  readonly #options: ReplayedUpstreamOptions

  constructor(options: ReplayedUpstreamOptions) {
    this.#options = options
    this.vocabulary = options.vocabulary ?? unread
    this.limits = { contextTokens: 32_768, maxCandidates: 512, maxInFlight: options.maxInFlight }
  }

  async encodeChat(): Promise<TokenId[]> {
    return this.#options.trace.prompt.map(tokenId)
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    return Promise.all(
      prefixes.map(async (prefix) => {
        const steps = this.stream({
          prefix,
          candidates,
          maxTokens: 1,
          sampling: { temperature: 0, topP: 1, topK: 0, seed: 0 },
          signal,
        })
        for await (const { distribution } of steps) return distribution
        throw new Error('a stream without steps')
      }),
    )
  }

  async *stream({ prefix, candidates, maxTokens, signal }: StreamQuery): AsyncGenerator<StreamedToken> {
    const { trace, time, latency, maxInFlight, jitter } = this.#options
    const query = { prefix, answered: 0 }
    this.queries.push(query)
    this.inFlight++
    let over = false
    const end = () => {
      if (!over) this.inFlight--
      over = true
    }
    // A cancelled query makes room at once, before its reader has heard of it.
    signal.addEventListener('abort', end, { once: true })
    try {
      if (this.inFlight > maxInFlight) throw new Error('more queries in flight than the upstream takes')
      const answer: number[] = prefix.slice(trace.prompt.length)
      let dueMs = time.now() + latency.rttMs * jitter()
      for (let i = 0; i < maxTokens; i++) {
        dueMs += (latency.stepMs + latency.crowdingMs * (this.inFlight - 1)) * jitter()
        await time.until(dueMs, signal)
        query.answered++
        const distribution = recordedDistribution(trace, answer, candidates)
        const token = tokenId(distribution.ids[0] as number)
        yield { token, distribution }
        answer.push(token)
      }
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }

  async close(): Promise<void> {}
}

function recordedDistribution(
  trace: RecordedTrace,
  answer: readonly number[],
  candidates: number,
): Distribution {
  const { step, shift } = replayedPosition(trace, answer)
  return {
    ids: step.ids.slice(0, candidates).map((id) => id + shift),
    logprobs: step.upstream.slice(0, candidates),
    complete: false,
  }
}
