import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { sideBySide } from '../served/side-by-side.ts'
import type { NamedCandidates } from './named-candidates.ts'
import type { PromptText } from './prompt-text.ts'
import { type Completion, type CompletionPosition, completion, completionEvent } from './replies.ts'
import type { NamedStep, TextServer, TextStreamQuery } from './text-server.ts'

export interface CompletionsServerOptions {
  readonly endpoint: HttpEndpoint
  readonly model: string
  readonly promptText: PromptText
  readonly named: NamedCandidates
  /** Queries that are sent side by side where it takes one prompt in each. */
  readonly maxInFlight: number
}

export interface CompletionsQuery extends TextStreamQuery {
  /** A token that is emitted whatever the probabilities. */
  readonly forced?: TokenId | null
}

/** As text, or in token ids. */
type Prompt = string | readonly TokenId[]

/** The completions route of the OpenAI API, with checked replies. */
export class CompletionsServer implements TextServer {
  readonly where: string
  readonly named: NamedCandidates
  readonly #options: CompletionsServerOptions
  /** llama.cpp tells nothing where its token ends inside a character; therefore a harmless one is forced. */
  forced: TokenId | null = null
  /** The most that may be asked for. */
  maxCandidates = 1
  /** Whether it takes prompts in token ids, so that nothing is cut into other tokens. */
  takesIds = false
  /** How it is asked for candidates: by a number, or as its chat route is. */
  asksAs: 'completions' | 'chat' = 'completions'
  /** Whether it answers several prompts of one request. */
  takesLists = true

  constructor(options: CompletionsServerOptions) {
    this.#options = options
    this.where = options.endpoint.where
    this.named = options.named
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
    if (prompts.length > 1 && !this.takesLists) {
      const answers = await sideBySide(prompts, this.#options.maxInFlight, (prompt) =>
        this.#ask([prompt], candidates, signal),
      )
      return answers.flat()
    }
    const sent = prompts.map((prompt) => this.#sent(prompt))
    const query = { candidates, maxTokens: 1, sampling: greedy, forced: this.forced }
    const { choices } = await this.complete(sent, query, signal)
    const byIndex = new Map(choices.map((choice) => [choice.index, choice]))
    return prompts.map((prompt, index) => {
      const position = byIndex.get(index)?.logprobs?.[0]
      if (position !== undefined) return this.named.distributionAt(prompt, position, candidates)
      throw invalidReply(this.where, 'no log-probabilities')
    })
  }

  async promptTokens(text: string, signal: AbortSignal): Promise<number | null> {
    const query = { candidates: 1, maxTokens: 1, sampling: greedy }
    const { usage } = await this.complete([text], query, signal)
    return usage?.prompt_tokens ?? null
  }

  complete(prompts: readonly Prompt[], query: CompletionsQuery, signal: AbortSignal): Promise<Completion> {
    const body = this.#body(prompts, query)
    return this.#options.endpoint.post('/v1/completions', body, completion, signal)
  }

  /** What the server answers to `complete`, or how it refuses. */
  tryComplete(prompt: Prompt, query: CompletionsQuery, signal: AbortSignal): Promise<unknown> {
    return this.tryCompleteAll([prompt], query, signal)
  }

  /** The same of several prompts. */
  tryCompleteAll(prompts: readonly Prompt[], query: CompletionsQuery, signal: AbortSignal): Promise<unknown> {
    return this.#options.endpoint.postRefusable('/v1/completions', this.#body(prompts, query), signal)
  }

  /** A running continuation up to and with its end token, or up to a token that cannot be told. */
  async *stream(
    prompt: readonly TokenId[],
    query: CompletionsQuery,
    signal: AbortSignal,
  ): AsyncGenerator<NamedStep, void, undefined> {
    const { endpoint } = this.#options
    const body = { ...this.#body([this.#sent(prompt)], query), stream: true }
    const prefix = [...prompt]
    for await (const event of endpoint.events('/v1/completions', body, completionEvent, signal)) {
      for (const choice of event?.choices ?? []) {
        // What a draft model made may come without a word of its tokens
        if (choice.text && !choice.logprobs?.length) {
          yield { token: null, distribution: null }
          return
        }
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

  get asksInside(): boolean {
    return this.named.asksInside
  }

  isEnd(token: TokenId): boolean {
    return this.named.isEnd(token)
  }

  #sent(prompt: readonly TokenId[]): Prompt {
    return this.takesIds ? prompt : this.#options.promptText.write(prompt)
  }

  #body(prompts: readonly Prompt[], { candidates, maxTokens, sampling, forced }: CompletionsQuery): object {
    return {
      model: this.#options.model,
      prompt: prompts.length === 1 ? prompts[0] : prompts,
      max_tokens: maxTokens,
      ...(this.asksAs === 'chat' ? { logprobs: true, top_logprobs: candidates } : { logprobs: candidates }),
      temperature: sampling.temperature,
      top_p: sampling.topP,
      ...(sampling.temperature === 0 ? {} : { seed: sampling.seed }),
      ...(forced === null || forced === undefined ? {} : { logit_bias: { [forced]: 100 } }),
    }
  }

  #step(prefix: readonly TokenId[], position: CompletionPosition, candidates: number): NamedStep {
    const { bytes } = position.token
    const begins = bytes?.[0] ?? 0
    // Inside a character servers leave out tokens, and the candidates of what a draft model made.
    const isDraft = position.top.length < Math.min(2, candidates)
    if ((begins >= 0x80 && begins < 0xc0) || isDraft || !this.#options.promptText.isWhole(prefix))
      return { token: null, distribution: null }
    return {
      token: this.named.tokenAt(prefix, position.token),
      distribution: this.named.distributionAt(prefix, position, candidates),
    }
  }
}
