import { type BackgroundTokenizer, foregroundTokenizer } from '../slm/encoding-thread/background-tokenizer.ts'
import type { Engine } from '../slm/engine/engine.ts'
import type { ModelGraph } from '../slm/graph/model-graph.ts'
import { openTokenScorer, type TokenScorer } from '../slm/scorer/token-scorer.ts'
import type { Tokenizer } from '../slm/text/tokenizer.ts'
import type { ChatPrompt } from '../steer/chat-prompt.ts'
import type { Distribution } from '../steer/distribution.ts'
import type { TokenId } from '../steer/token-id.ts'
import type {
  DistributionsQuery,
  StreamedToken,
  StreamQuery,
  Upstream,
  UpstreamLimits,
} from '../steer/upstream.ts'
import type { Vocabulary } from '../steer/vocabulary.ts'
import { roomBehind } from './served/limits.ts'
import { isObserved, reportSent } from './wrappers/observed-upstream.ts'

export interface EmbeddedOptions {
  /** Its name of the catalogue or of an import. */
  readonly model: string
  readonly engine: Engine
  readonly graph: ModelGraph
  readonly tokenizer: Tokenizer
  /** The same for conversations, which may be large; by default they are encoded at once. */
  readonly background?: BackgroundTokenizer
  readonly vocabulary: Vocabulary
  /** Budget for the K/V rows of conversations that came before. */
  readonly cacheBytes?: number | undefined
}

/** Of the budget: conversations as they stand. The rest is for what they have in common. */
const SEQUENCES_SHARE = 5 / 6

/** Queries that may wait for each other in the worker: they run one after another whatever their number. */
const MAX_IN_FLIGHT = 8

/** Opens a model of this machine as the upstream. Rejects with GatewayError `local_model_failed`. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Upstream> {
  const { engine, graph, vocabulary, cacheBytes } = options
  const scorer = await openTokenScorer({
    engine,
    graph,
    endTokens: vocabulary.endTokens,
    ...(cacheBytes === undefined ? {} : shares(cacheBytes)),
  })
  return new EmbeddedUpstream(scorer, options)
}

function shares(bytes: number) {
  const sequenceBytes = Math.floor(bytes * SEQUENCES_SHARE)
  return { sequenceBytes, cacheBytes: bytes - sequenceBytes }
}

class EmbeddedUpstream implements Upstream {
  readonly model: string
  readonly vocabulary: Vocabulary
  readonly limits: UpstreamLimits
  readonly #scorer: TokenScorer
  readonly #background: BackgroundTokenizer

  constructor(scorer: TokenScorer, { model, graph, vocabulary, ...text }: EmbeddedOptions) {
    this.#scorer = scorer
    this.#background = text.background ?? foregroundTokenizer(text.tokenizer)
    this.model = model
    this.vocabulary = vocabulary
    this.limits = {
      contextTokens: graph.shape.contextTokens,
      maxCandidates: graph.shape.vocabularySize,
      maxInFlight: MAX_IN_FLIGHT,
    }
  }

  async encodeChat(chat: ChatPrompt, signal: AbortSignal): Promise<TokenId[]> {
    signal.throwIfAborted()
    const { contextTokens: atMost } = this.limits
    const { messages, ...rest } = chat
    return this.#background.run((tokenizer) => tokenizer.encodeChat(messages, rest), { signal, atMost })
  }

  async distributions(query: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of query.prefixes) this.#room(prefix)
    this.#report('distributions', { prefixes: query.prefixes, candidates: query.candidates })
    return this.#scorer.distributions(query)
  }

  async *stream(query: StreamQuery): AsyncIterable<StreamedToken> {
    const maxTokens = Math.min(query.maxTokens, this.#room(query.prefix))
    this.#report('stream', { prefixes: [query.prefix], candidates: query.candidates, maxTokens })
    yield* this.#scorer.stream({ ...query, maxTokens })
  }

  close(): Promise<void> {
    return this.#scorer.close()
  }

  /** What a server would have been sent, with the tokens' texts, for people who want to see it. */
  #report(
    path: string,
    query: { readonly prefixes: DistributionsQuery['prefixes'] } & Record<string, unknown>,
  ): void {
    if (!isObserved()) return
    const decoder = new TextDecoder()
    const texts = query.prefixes.map((prefix) => {
      const bytes = prefix.map((token) => Buffer.from(this.vocabulary.bytes(token)))
      return decoder.decode(Buffer.concat(bytes))
    })
    reportSent({ method: 'EMBEDDED', path, body: JSON.stringify({ ...query, texts }) })
  }

  #room(prefix: readonly TokenId[]): number {
    return roomBehind(prefix, this.limits.contextTokens, 'The embedded model')
  }
}
