import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { CandidateList } from '../served/candidate-list.ts'
import type { PromptText } from './prompt-text.ts'
import { type Completion, type CompletionPosition, completion, completionEvent } from './replies.ts'
import type { TextTokens } from './text-tokens.ts'

export interface CompletionsServerOptions {
  readonly endpoint: HttpEndpoint
  readonly vocabulary: Vocabulary
  readonly model: string
  readonly promptText: PromptText
  readonly textTokens: TextTokens
}

export interface CompletionsQuery {
  readonly candidates: number
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
  /** A token that is emitted whatever the probabilities. */
  readonly forced?: TokenId | null
}

/** One position of a stream. */
export interface NamedStep {
  /** Null where the server's name for it fits no token, or several. */
  readonly token: TokenId | null
  /**
   * Null where the server left out tokens before the one that it names, or all candidates are inside
   * characters.
   */
  readonly distribution: Distribution | null
}

/** Of a character; no token before them matters to it. */
const MOST_BYTES = 4

/** The completions route of the OpenAI API, with text prompts and checked replies. */
export class CompletionsServer {
  readonly where: string
  readonly #options: CompletionsServerOptions
  /** llama.cpp tells nothing where its token ends inside a character; therefore a harmless one is forced. */
  forced: TokenId | null = null
  /** The most that may be asked for. */
  maxCandidates = 1

  constructor(options: CompletionsServerOptions) {
    this.#options = options
    this.where = options.endpoint.where
  }

  /**
   * One distribution for each prompt, in one request; another one where all candidates are inside characters.
   */
  async distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const answers = await this.#ask(prompts, candidates, signal)
    const untold = prompts.filter((_, at) => answers[at] === null)
    const wider = untold.length === 0 ? [] : await this.#ask(untold, this.maxCandidates, signal)
    return answers.map((answer) => {
      const distribution = answer ?? wider.shift() ?? null
      if (distribution !== null) return distribution
      throw invalidReply(this.where, 'no candidate that is a token of the local model')
    })
  }

  async #ask(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<(Distribution | null)[]> {
    const texts = prompts.map((prompt) => this.#options.promptText.write(prompt))
    const query = { candidates, maxTokens: 1, sampling: greedy, forced: this.forced }
    const { choices } = await this.complete(texts, query, signal)
    const byIndex = new Map(choices.map((choice) => [choice.index, choice]))
    return prompts.map((prompt, index) => {
      const position = byIndex.get(index)?.logprobs?.[0]
      if (position !== undefined) return this.distributionAt(prompt, position, candidates)
      throw invalidReply(this.where, 'no log-probabilities')
    })
  }

  complete(texts: readonly string[], query: CompletionsQuery, signal: AbortSignal): Promise<Completion> {
    const body = this.#body(texts, query)
    return this.#options.endpoint.post('/v1/completions', body, completion, signal)
  }

  /** What the server answers to `complete`, or how it refuses. */
  tryComplete(text: string, query: CompletionsQuery, signal: AbortSignal): Promise<unknown> {
    return this.#options.endpoint.postRefusable('/v1/completions', this.#body([text], query), signal)
  }

  /** A running continuation up to and with its end token, or up to a token that cannot be told. */
  async *stream(
    prompt: readonly TokenId[],
    query: CompletionsQuery,
    signal: AbortSignal,
  ): AsyncGenerator<NamedStep, void, undefined> {
    const { endpoint, promptText } = this.#options
    const body = { ...this.#body([promptText.write(prompt)], query), stream: true }
    const prefix = [...prompt]
    for await (const event of endpoint.events('/v1/completions', body, completionEvent, signal)) {
      for (const choice of event?.choices ?? []) {
        for (const position of choice.logprobs ?? []) {
          const step = this.#step(prefix, position, query.candidates)
          yield step
          if (step.distribution === null || step.token === null || this.isEnd(step.token)) return
          prefix.push(step.token)
        }
        if (choice.finish_reason !== null && choice.finish_reason !== undefined) return
      }
    }
    throw brokenOff(this.where)
  }

  isEnd(token: TokenId): boolean {
    return this.#options.vocabulary.endTokens.has(token)
  }

  #body(texts: readonly string[], { candidates, maxTokens, sampling, forced }: CompletionsQuery): object {
    return {
      model: this.#options.model,
      prompt: texts.length === 1 ? texts[0] : texts,
      max_tokens: maxTokens,
      logprobs: candidates,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      ...(sampling.temperature === 0 ? {} : { seed: sampling.seed }),
      ...(forced === null || forced === undefined ? {} : { logit_bias: { [forced]: 100 } }),
    }
  }

  #step(prefix: readonly TokenId[], position: CompletionPosition, candidates: number): NamedStep {
    const { bytes } = position.token
    const begins = bytes?.[0] ?? 0
    // Goes on inside a character that the prefix did not begin.
    if (begins >= 0x80 && begins < 0xc0) return { token: null, distribution: null }
    const token = this.#options.textTokens.find(position.token)
    return {
      token: this.#isUsable(prefix, token) ? token : null,
      distribution: this.distributionAt(prefix, position, candidates),
    }
  }

  /**
   * Candidates that cannot be told, or behind which the server could not be asked, are left out; null when
   * none is left.
   */
  distributionAt(
    prefix: readonly TokenId[],
    { top }: CompletionPosition,
    candidates: number,
  ): Distribution | null {
    const { vocabulary, textTokens } = this.#options
    const size = { vocabularySize: vocabulary.size, rows: vocabulary.size }
    const list = new CandidateList({ where: this.where, ...size })
    const seen = new Set<TokenId>()
    let dropped = 0
    for (const entry of top) {
      const id = textTokens.find(entry.token)
      if (this.#isUsable(prefix, id) && !seen.has(id)) {
        seen.add(id)
        list.add(id, entry.logprob)
      } else dropped++
    }
    if (seen.size === 0) return null
    const distribution = list.distribution(Math.min(candidates, seen.size))
    return dropped === 0 ? distribution : { ...distribution, complete: false, hasGaps: true }
  }

  #isUsable(prefix: readonly TokenId[], id: TokenId | null): id is TokenId {
    if (id === null) return false
    return this.isEnd(id) || this.#options.promptText.isWhole([...prefix.slice(-MOST_BYTES), id])
  }
}
