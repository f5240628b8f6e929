import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { CompletionPosition } from '../completions/replies.ts'
import type { NamedStep, TextServer, TextStreamQuery } from '../completions/text-server.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { sideBySide } from '../served/side-by-side.ts'
import { type Continuation, continuing } from './continuation.ts'
import type { ConversationSoFar, ConversationTokens } from './conversation-tokens.ts'
import { type ChatReply, chatEvent, chatReply } from './replies.ts'
import type { SpelledCandidates } from './spelled-candidates.ts'

export interface ChatPrefixServerOptions {
  readonly endpoint: HttpEndpoint
  readonly model: string
  /** Of the chat route. */
  readonly path: string
  /** Fields of every request. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly conversations: ConversationTokens
  readonly named: SpelledCandidates
  /** Queries that are sent side by side. */
  readonly maxInFlight: number
  /** The most that one query may bring. */
  readonly tokensPerQuery: number
}

/** The chat route of a service that goes on with an assistant's message, with checked replies. */
export class ChatPrefixServer implements TextServer {
  readonly where: string
  readonly asksInside = false
  readonly named: SpelledCandidates
  readonly #options: ChatPrefixServerOptions
  /** How it is told to go on. */
  continuation: Continuation = 'continue_final_message'
  /** The most that may be asked for. */
  maxCandidates = 1
  /** Whether it divides log-probabilities by the temperature. */
  scalesLogprobs = false
  /** Whether each token of an answer comes with candidates, which a draft model may leave out. */
  tellsInFull = true

  constructor(options: ChatPrefixServerOptions) {
    this.#options = options
    this.where = options.endpoint.where
    this.named = options.named
  }

  /**
   * One query for all prompts that extend each other, as long as the model itself writes what they hold; then
   * one for each prompt of which nothing was told so.
   */
  async distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const { maxInFlight } = this.#options
    const told = new Map<readonly TokenId[], Distribution>()
    await sideBySide(this.#chains(prompts), maxInFlight, async ([first, ...rest]) => {
      const steps = await this.#steps(first, { candidates, span: spanOf(first, rest) }, signal)
      for (const prompt of [first, ...rest]) {
        const step = steps.find(({ path }) => isPath(prompt.slice(first.length), path))
        if (step !== undefined) told.set(prompt, step.distribution)
      }
    })
    return sideBySide(prompts, maxInFlight, async (prompt) => {
      const known = told.get(prompt)
      if (known !== undefined) return known
      const distribution =
        (await this.#distribution(prompt, candidates, signal)) ??
        (await this.#distribution(prompt, this.maxCandidates, signal))
      if (distribution !== null) return distribution
      throw invalidReply(this.where, 'no candidate that is a token of the local model')
    })
  }

  /** A reply to one conversation. */
  ask(chat: ConversationSoFar, query: TextStreamQuery, signal: AbortSignal): Promise<ChatReply> {
    const { endpoint, path } = this.#options
    return endpoint.post(path, this.#body(chat, query), chatReply, signal)
  }

  /** The same, or how it refuses. */
  tryAsk(chat: ConversationSoFar, query: TextStreamQuery, signal: AbortSignal): Promise<unknown> {
    const { endpoint, path } = this.#options
    return endpoint.postRefusable(path, this.#body(chat, query), signal)
  }

  async *stream(
    prompt: readonly TokenId[],
    query: TextStreamQuery,
    signal: AbortSignal,
  ): AsyncGenerator<NamedStep, void, undefined> {
    const { endpoint, path, conversations } = this.#options
    const chat = conversations.decode(prompt)
    const answer = [...chat.tokens]
    const body = { ...this.#body(chat, query), stream: true }
    for await (const { choices } of endpoint.events(path, body, chatEvent, signal)) {
      for (const { logprobs, finish_reason: reason } of choices) {
        for (const position of logprobs ?? []) {
          const step = this.#step(answer, position, query.candidates)
          yield step
          if (step.token === null || step.distribution === null || this.isEnd(step.token)) return
          answer.push(step.token)
        }
        if (reason === null || reason === undefined) continue
        if (reason === 'stop') yield { token: this.named.endToken, distribution: this.named.certainEnd() }
        else if (answer.length - chat.tokens.length < query.maxTokens) yield untoldStep
        return
      }
    }
    throw brokenOff(this.where)
  }

  isEnd(token: TokenId): boolean {
    return this.named.isEnd(token)
  }

  /** Null where all candidates are inside characters. */
  async #distribution(
    prompt: readonly TokenId[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution | null> {
    const [step] = await this.#steps(prompt, { candidates, span: 1 }, signal)
    return step?.distribution ?? null
  }

  /** What the model writes behind a prompt, greedily, and what else it could have written. */
  async #steps(
    prompt: readonly TokenId[],
    { candidates, span }: { readonly candidates: number; readonly span: number },
    signal: AbortSignal,
  ): Promise<Step[]> {
    const chat = this.#options.conversations.decode(prompt)
    const choice = await this.#toldChoice(chat, { candidates, maxTokens: span, sampling: greedy }, signal)
    const steps: Step[] = []
    const path: TokenId[] = []
    for (const position of choice?.logprobs ?? []) {
      const { token, distribution } = this.#step([...chat.tokens, ...path], position, candidates)
      if (distribution === null) return steps
      steps.push({ path: [...path], distribution })
      if (token === null || this.isEnd(token)) return steps
      path.push(token)
    }
    // Some services end without a word of the token that ends
    const end = choice?.finish_reason === 'stop' ? this.named.certainEnd() : null
    if (end !== null) steps.push({ path, distribution: end })
    else if (steps.length === 0) throw invalidReply(this.where, 'no log-probabilities')
    return steps
  }

  /**
   * The reply to a query. llama.cpp tells nothing of a token that ends inside a character: then other tokens
   * are drawn, whose candidates are the same.
   */
  async #toldChoice(
    chat: ConversationSoFar,
    query: TextStreamQuery,
    signal: AbortSignal,
  ): Promise<ChatReply['choices'][number] | undefined> {
    const [choice] = (await this.ask(chat, query, signal)).choices
    if (choice?.logprobs?.length || choice?.finish_reason === 'stop') return choice
    const temperature = this.scalesLogprobs ? 1 : 2
    for (let seed = 0; seed < DRAWS; seed++) {
      const drawn = { ...query, maxTokens: 1, sampling: { ...greedy, temperature, seed } }
      const [other] = (await this.ask(chat, drawn, signal)).choices
      if (other?.logprobs?.length) return other
    }
    return undefined
  }

  #step(answer: readonly TokenId[], position: CompletionPosition, candidates: number): NamedStep {
    if (position.top.length < Math.min(2, candidates)) return untoldStep
    return {
      token: this.named.tokenAt(answer, position.token),
      distribution: this.named.distributionAt(answer, position, candidates),
    }
  }

  /** Prompts that extend each other, the shortest first. */
  #chains(prompts: readonly (readonly TokenId[])[]): Chain[] {
    const chains: [readonly TokenId[], ...(readonly TokenId[])[]][] = []
    for (const prompt of prompts.toSorted((left, right) => left.length - right.length)) {
      const chain = chains.find(([first]) => this.#reaches(first, prompt))
      if (chain === undefined) chains.push([prompt])
      else chain.push(prompt)
    }
    return chains
  }

  #reaches(first: readonly TokenId[], prompt: readonly TokenId[]): boolean {
    const isNear = prompt.length - first.length < this.#options.tokensPerQuery
    return isNear && first.every((token, at) => prompt[at] === token)
  }

  #body(chat: ConversationSoFar, { candidates, maxTokens, sampling }: TextStreamQuery): object {
    const { fields, model } = this.#options
    return {
      ...continuing(this.continuation, chat),
      ...fields,
      model,
      max_tokens: maxTokens,
      logprobs: true,
      top_logprobs: candidates,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      ...(sampling.temperature === 0 ? {} : { seed: sampling.seed }),
    }
  }
}

/** For a token that is told. */
const DRAWS = 8

type Chain = readonly [first: readonly TokenId[], ...rest: (readonly TokenId[])[]]

interface Step {
  /** The tokens between the prompt and the position. */
  readonly path: readonly TokenId[]
  readonly distribution: Distribution
}

const untoldStep: NamedStep = { token: null, distribution: null }

/** Tokens to ask for, so that the last of the chain is answered too. */
function spanOf(first: readonly TokenId[], rest: readonly (readonly TokenId[])[]): number {
  return Math.max(0, ...rest.map((prompt) => prompt.length - first.length)) + 1
}

function isPath(tokens: readonly TokenId[], path: readonly TokenId[]): boolean {
  return tokens.length === path.length && tokens.every((token, at) => path[at] === token)
}
