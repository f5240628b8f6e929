import type { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../../src/steer/upstream.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'
import { roomBehind } from '../../../src/upstream/served/limits.ts'
import { type TableModel, topK } from '../table-models.ts'

/** One query as the upstream saw it. */
export interface SeenQuery {
  readonly kind: 'stream' | 'distributions'
  readonly prefix: readonly TokenId[]
  readonly maxTokens: number
  readonly startMs: number
  /** Null while it runs. */
  endMs: number | null
  /** Steps that it returned. */
  steps: number
}

export interface SimulatedUpstreamOptions {
  readonly model: TableModel
  readonly vocabulary: Vocabulary
  readonly time: VirtualTime
  readonly maxInFlight: number
  /** As in `UpstreamLimits`. Default: more than any answer has. */
  readonly contextTokens?: number
  /** As in `UpstreamLimits`. */
  readonly readsAgain?: boolean
  /** Milliseconds until the first and until each further step, drawn for every step. */
  readonly latencyMs: (step: number, inFlight: number) => number
  /** An error instead of an answer for a query that arrives, or null. */
  readonly refuse?: (query: SeenQuery, inFlight: number) => Error | null
}

/** A table model behind a network: every step takes time, queries overtake each other, some are refused. */
export class SimulatedUpstream implements Upstream {
  readonly model = 'simulated'
  readonly vocabulary: Vocabulary
  readonly limits: Upstream['limits']
  readonly seen: SeenQuery[] = []
  inFlight = 0
  mostInFlight = 0
  readonly #options: SimulatedUpstreamOptions

  constructor(options: SimulatedUpstreamOptions) {
    this.#options = options
    this.vocabulary = options.vocabulary
    this.limits = {
      contextTokens: options.contextTokens ?? 10_000,
      maxCandidates: options.vocabulary.size,
      maxInFlight: options.maxInFlight,
      ...(options.readsAgain === undefined ? {} : { readsAgain: options.readsAgain }),
    }
  }

  /** The model behind the network. */
  get tableModel(): TableModel {
    return this.#options.model
  }

  async encodeChat(): Promise<TokenId[]> {
    return [tokenId(0)]
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    return Promise.all(
      prefixes.map(async (prefix) => {
        for await (const step of this.#run('distributions', { prefix, candidates, maxTokens: 1, signal })) {
          return step.distribution
        }
        throw new Error('a stream without steps')
      }),
    )
  }

  stream(query: StreamQuery): AsyncIterable<StreamedToken> {
    return this.#run('stream', query)
  }

  async close(): Promise<void> {}

  async *#run(
    kind: SeenQuery['kind'],
    { prefix, candidates, maxTokens, signal }: Omit<StreamQuery, 'sampling'>,
  ): AsyncGenerator<StreamedToken> {
    const { model, time, vocabulary, latencyMs, refuse } = this.#options
    signal.throwIfAborted()
    const seen: SeenQuery = { kind, prefix, maxTokens, startMs: time.now(), endMs: null, steps: 0 }
    this.seen.push(seen)
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    const end = () => {
      if (seen.endMs === null) this.inFlight--
      seen.endMs ??= time.now()
    }
    signal.addEventListener('abort', end, { once: true })
    try {
      const refusal = refuse?.(seen, this.inFlight) ?? null
      const sequence = [...prefix]
      const room = roomBehind(prefix, this.limits.contextTokens, this.model)
      for (let step = 0; step < Math.min(maxTokens, room); step++) {
        await time.after(latencyMs(step, this.inFlight), signal)
        if (refusal !== null) throw refusal
        const distribution = topK(model(sequence), candidates)
        const token = tokenId(distribution.ids[0] as number)
        seen.steps++
        yield { token, distribution }
        if (vocabulary.endTokens.has(token)) return
        sequence.push(token)
      }
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }
}
