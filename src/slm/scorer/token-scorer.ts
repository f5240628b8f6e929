// Scorer: one stream of a model, as an upstream asks for it. This room owns distributions of sequences and
// free-running streams on both sides of the protocol: score-job and stream-job run inside the worker. It must
// not know profiles or steering.

import { setMaxListeners } from 'node:events'
import type { Distribution } from '../../steer/distribution.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery } from '../../steer/upstream.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'
import type { Engine, ModelLink } from '../engine/engine.ts'
import type { FromWorker } from '../engine/worker-protocol.ts'
import type { ModelGraph } from '../graph/model-graph.ts'

export interface TokenScorerOptions {
  readonly engine: Engine
  readonly graph: ModelGraph
  readonly endTokens: Iterable<number>
  /** Budget for the K/V rows of prefixes that came before; 0 keeps none. */
  readonly cacheBytes?: number
  /** The same for the sequences that were scored last, as they stand. */
  readonly sequenceBytes?: number
}

/** Any tokens, since the model runs on this machine. */
interface OwnQuery extends Omit<DistributionsQuery, 'prefixes'> {
  readonly prefixes: readonly (readonly TokenId[])[]
}

export interface LogprobsQuery extends Pick<OwnQuery, 'prefixes' | 'signal'> {
  /** One for each prefix. */
  readonly ids: readonly Int32Array[]
}

/** One stream of a model: what would follow a sequence, and a free-running continuation of it. */
export interface TokenScorer {
  /**
   * Sequences that continue each other are scored in one pass; what an earlier query
   * shared is not computed again.
   */
  distributions(query: OwnQuery): Promise<Distribution[]>
  /** Log-probabilities (nats) of the tokens `ids[i]` after `prefixes[i]`, in their order. */
  logprobs(query: LogprobsQuery): Promise<Float64Array[]>
  stream(query: StreamQuery): AsyncIterable<StreamedToken>
  close(): Promise<void>
}

/** Loads the model as a single stream. Everything rejects with GatewayError `local_model_failed`. */
export async function openTokenScorer(options: TokenScorerOptions): Promise<TokenScorer> {
  const { engine, graph, cacheBytes, sequenceBytes } = options
  const endTokens = Int32Array.from(options.endTokens)
  const size = graph.shape.vocabularySize
  const model = await engine.load({
    graph,
    kind: 'logits',
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(sequenceBytes === undefined ? {} : { sequenceBytes }),
  })
  const score = async (
    { prefixes, signal }: Omit<LogprobsQuery, 'ids'>,
    candidates: number | readonly Int32Array[],
  ): Promise<readonly ScoredPosition[]> => {
    signal.throwIfAborted()
    if (prefixes.length === 0) return []
    const { link, model: number } = await engine.use(model)
    const sequences = prefixes.map((prefix) => Int32Array.from(prefix))
    const question = { type: 'score', model: number, prefixes: sequences, candidates } as const
    return (await link.ask(question, { answer: 'scored', signal })).positions
  }
  return {
    async distributions({ candidates, ...query }) {
      return (await score(query, candidates)).map((position) => distribution(position, size))
    },
    async logprobs({ ids, ...query }) {
      return (await score(query, ids)).map(({ logprobs }) => logprobs)
    },
    async *stream({ signal, ...query }) {
      signal.throwIfAborted()
      const steps = new StreamSteps(await engine.use(model), { query, endTokens, signal })
      try {
        for (let step = await steps.next(); step; step = await steps.next())
          yield { token: tokenId(step.token), distribution: distribution(step.position, size) }
      } finally {
        steps.stop()
      }
    },
    close: () => engine.release(model),
  }
}

function distribution({ ids, logprobs }: ScoredPosition, size: number): Distribution {
  return {
    ids,
    logprobs,
    complete: ids.length === size,
  }
}

type StreamToken = Extract<FromWorker, { type: 'stream-token' }>

interface StreamStepsOptions {
  readonly query: Omit<StreamQuery, 'signal'>
  readonly endTokens: Int32Array
  readonly signal: AbortSignal
}

/** The worker's messages about one stream, in order and one at a time. */
class StreamSteps {
  readonly #link: ModelLink['link']
  readonly #request: number
  readonly #signal: AbortSignal
  readonly #arrived: StreamToken[] = []
  #end: { readonly error: unknown } | null = null
  #wake: () => void = () => {}

  constructor({ link, model }: ModelLink, { query, endTokens, signal }: StreamStepsOptions) {
    this.#link = link
    this.#signal = signal
    // Many streams of one answer share its signal: no leak
    setMaxListeners(0, signal)
    signal.addEventListener('abort', this.#onAbort)
    const { prefix, ...settings } = query
    const question = {
      type: 'stream',
      model,
      prefix: Int32Array.from(prefix),
      endTokens,
      ...settings,
    } as const
    this.#request = link.start(question, {
      receive: (message) => {
        if (message.type === 'stream-token') this.#arrived.push(message)
        else this.#finish(null)
        this.#wake()
      },
      fail: (error) => this.#finish(error),
    })
  }

  /** The next token, null after the last one. */
  async next(): Promise<StreamToken | null> {
    while (true) {
      this.#signal.throwIfAborted()
      const token = this.#arrived.shift()
      if (token) {
        this.#link.tell({ type: 'stream-pull', request: this.#request })
        return token
      }
      if (this.#end?.error) throw this.#end.error
      if (this.#end) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Ends the worker's part, if it has not ended already. */
  stop(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    if (!this.#end) this.#link.abort(this.#request)
  }

  readonly #onAbort = (): void => this.#wake()

  #finish(error: unknown): void {
    this.#end ??= { error }
    this.#wake()
  }
}
