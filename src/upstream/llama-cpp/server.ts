import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import type { ChatServer } from '../served/chat-encoding.ts'
import { templateBody } from '../served/template-body.ts'
import { inServerTemplate } from '../served/template-refusal.ts'
import type { VocabularyServer } from '../served/vocabulary-probe.ts'
import { firstDistribution, forcedToken } from './forced-token.ts'
import {
  type Completion,
  completions,
  detokenized,
  type StreamEvent,
  streamEvent,
  templated,
  tokenized,
} from './replies.ts'
import { LlamaCppSlots, type ServerPace } from './slots.ts'

/** Cuts the reply down to what is read; without it every answer repeats the prompt and all settings. */
const replyFields = ['index', 'tokens', 'completion_probabilities', 'stop', 'tokens_predicted']

export interface LlamaCppServerOptions {
  readonly endpoint: HttpEndpoint
  readonly vocabulary: Vocabulary
  /** How many answers it computes side by side. */
  readonly slots: number
  /** Rows of the model's output. */
  readonly rows: number
  /** Sent with every request; a server with one model ignores it. */
  readonly model: string | undefined
}

/** llama.cpp's own HTTP routes, with checked replies. */
export class LlamaCppServer implements ChatServer, VocabularyServer {
  readonly where: string
  readonly rows: number
  readonly #endpoint: HttpEndpoint
  readonly #slots: LlamaCppSlots
  readonly #vocabulary: Vocabulary
  readonly #model: { readonly model?: string }

  constructor(options: LlamaCppServerOptions) {
    this.#endpoint = options.endpoint
    this.#slots = new LlamaCppSlots({ count: options.slots, clock: performance })
    this.#vocabulary = options.vocabulary
    this.#model = options.model === undefined ? {} : { model: options.model }
    this.where = options.endpoint.where
    this.rows = options.rows
  }

  /** One distribution for each prompt. */
  async distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const body = {
      ...this.#model,
      prompt: prompts,
      ...forcedToken(this.#vocabulary, candidates),
      response_fields: replyFields,
    }
    const replies = await this.#complete(body, prompts, signal)
    const answers: (Distribution | undefined)[] = prompts.map(() => undefined)
    for (const [at, reply] of replies.entries()) {
      answers[reply.index ?? at] = this.#distribution(reply, candidates)
    }
    return answers.map((answer) => {
      if (answer === undefined)
        throw invalidReply(this.where, `${replies.length} answers to ${prompts.length} prompts`)
      return answer
    })
  }

  /** The token that the server itself draws behind `prompt`. */
  async draw(prompt: readonly TokenId[], sampling: UpstreamSampling, signal: AbortSignal): Promise<number> {
    const body = {
      ...this.#generation(prompt, sampling),
      n_predict: 1,
      return_tokens: true,
      response_fields: replyFields,
    }
    const [reply] = await this.#complete(body, [prompt], signal)
    return this.checkedToken(reply?.tokens?.[0])
  }

  /** A running continuation; tokens inside a character send no event, only `tokens_predicted` counts them. */
  async *events(
    prompt: readonly TokenId[],
    query: { readonly candidates: number; readonly maxTokens: number; readonly sampling: UpstreamSampling },
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const body = {
      ...this.#generation(prompt, query.sampling),
      n_predict: query.maxTokens,
      n_probs: query.candidates,
      stream: true,
      response_fields: replyFields,
    }
    const use = await this.#slots.enter(prompt, signal)
    let ended = false
    try {
      for await (const event of this.#endpoint.events('/completion', body, streamEvent, signal)) {
        const token = event.tokens?.[0]
        if (token !== undefined) use.computed(token)
        ended = event.stop === true || event.tokens_predicted >= query.maxTokens
        yield event
      }
    } finally {
      use.release({ left: !ended })
    }
  }

  /**
   * Finds out what the server takes for a token of an answer, and for one of a prompt that it does not know;
   * null when it does not tell.
   */
  async learnPace(prompt: readonly TokenId[], signal: AbortSignal): Promise<ServerPace | null> {
    const body = {
      ...this.#model,
      prompt: [prompt],
      n_predict: 3,
      n_probs: 1,
      ignore_eos: true,
      cache_prompt: false,
      response_fields: ['timings'],
    }
    const [reply] = await this.#endpoint.post('/completion', body, completions, signal)
    const timings = reply?.timings
    if (timings === null || timings === undefined) return null
    const { prompt_n: tokens, prompt_ms: promptMs, predicted_per_token_ms: stepMs } = timings
    if (tokens < 2 || !(stepMs > 0)) return null
    const pace = { stepMs, stepsPerPromptToken: Math.max(0, (promptMs / stepMs - 1) / (tokens - 1)) }
    this.#slots.learnPace(pace)
    return pace
  }

  /** How many tokens of a prompt the server had to read; null when it does not tell. */
  async tokensRead(prompt: readonly TokenId[], signal: AbortSignal): Promise<number | null> {
    const body = {
      ...this.#model,
      prompt: [prompt],
      ...forcedToken(this.#vocabulary, 1),
      response_fields: ['timings'],
    }
    const [reply] = await this.#complete(body, [prompt], signal)
    return reply?.timings?.prompt_n ?? null
  }

  /** The distribution in an event of a stream; null when the server left it out. */
  distributionOf(event: StreamEvent, candidates: number): Distribution | null {
    const top = event.completion_probabilities?.[0]?.top_logprobs
    return top === null || top === undefined || top.length === 0
      ? null
      : this.#distribution(event, candidates)
  }

  checkedToken(token: number | undefined): TokenId {
    if (token === undefined || !Number.isInteger(token) || token < 0 || token >= this.#vocabulary.size) {
      throw invalidReply(this.where, 'a token id outside the vocabulary')
    }
    return token as TokenId
  }

  async render(chat: ChatPrompt, signal: AbortSignal): Promise<string> {
    const { prompt } = await inServerTemplate(chat, {
      where: this.where,
      render: ({ toolChoice, ...shown }) => {
        const choice = toolChoice === undefined ? {} : { tool_choice: toolChoice }
        const body = { ...this.#model, ...templateBody(shown), ...choice }
        return this.#endpoint.post('/apply-template', body, templated, signal)
      },
    })
    return prompt
  }

  async encode(chat: ChatPrompt, signal: AbortSignal): Promise<readonly number[]> {
    return this.tokenizeTemplate(await this.render(chat, signal), true, signal)
  }

  async tokenizeTemplate(content: string, atStart: boolean, signal: AbortSignal): Promise<readonly number[]> {
    const ids = await this.#tokenize({ content, add_special: atStart, parse_special: true }, signal)
    const [first, second] = ids
    // The begin token comes from the template and from the tokenizer alike.
    const doubled = atStart && first !== undefined && first === second && this.isControl(first)
    return doubled ? ids.slice(1) : ids
  }

  tokenizePlain(content: string, signal: AbortSignal): Promise<readonly number[]> {
    return this.#tokenize({ content, add_special: false, parse_special: false }, signal)
  }

  tokenize(text: string, signal: AbortSignal): Promise<readonly number[]> {
    return this.tokenizePlain(text, signal)
  }

  isEnd(token: TokenId): boolean {
    return this.#vocabulary.endTokens.has(token)
  }

  isControl(id: number): boolean {
    return this.#vocabulary.bytes(this.checkedToken(id)).length === 0
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    const reply = await this.#endpoint.post('/detokenize', { ...this.#model, tokens }, detokenized, signal)
    return reply.content
  }

  /** Sends `body`, which asks for one token behind each of `prompts`. */
  async #complete(
    body: object,
    prompts: readonly (readonly TokenId[])[],
    signal: AbortSignal,
  ): Promise<readonly Completion[]> {
    const uses = await Promise.all(prompts.map((prompt) => this.#slots.enter(prompt, signal)))
    let left = true
    try {
      const replies = await this.#endpoint.post('/completion', body, completions, signal)
      left = false
      return replies
    } finally {
      for (const use of uses) use.release({ left })
    }
  }

  #generation(prompt: readonly TokenId[], sampling: UpstreamSampling): object {
    const greedy = sampling.temperature === 0
    return {
      ...this.#model,
      prompt,
      temperature: sampling.temperature,
      top_k: greedy ? 1 : sampling.topK,
      top_p: sampling.topP,
      samplers: greedy ? ['top_k'] : ['temperature', 'top_k', 'top_p'],
      repeat_penalty: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      seed: sampling.seed,
      ignore_eos: false,
      cache_prompt: true,
    }
  }

  #distribution(reply: Pick<Completion, 'completion_probabilities'>, candidates: number): Distribution {
    const { where, rows } = this
    return firstDistribution(reply, candidates, { where, rows, vocabularySize: this.#vocabulary.size })
  }

  async #tokenize(body: object, signal: AbortSignal): Promise<readonly number[]> {
    const reply = await this.#endpoint.post('/tokenize', { ...this.#model, ...body }, tokenized, signal)
    return reply.tokens
  }
}
