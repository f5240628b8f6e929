import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { StreamedToken, UpstreamSampling } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { CandidateList } from '../served/candidate-list.ts'
import type { ChatServer } from '../served/chat-encoding.ts'
import { templateBody } from '../served/template-body.ts'
import { inServerTemplate } from '../served/template-refusal.ts'
import { MAX_PADDING_ROWS, type VocabularyServer } from '../served/vocabulary-probe.ts'
import { plainTokens } from './plain-tokens.ts'
import { type CompletionChoice, completion, detokenized, keyedTokenId, tokenized } from './replies.ts'

export interface VllmServerOptions {
  readonly endpoint: HttpEndpoint
  readonly vocabulary: Vocabulary
  readonly model: string
  /** Rows of the model's output; null where the server does not tell. */
  readonly rows: number | null
}

export interface VllmQuery {
  readonly candidates: number
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
}

/** vLLM's HTTP routes, with checked replies. */
export class VllmServer implements ChatServer, VocabularyServer {
  readonly where: string
  readonly rows: number | null
  readonly #endpoint: HttpEndpoint
  readonly #vocabulary: Vocabulary
  readonly #model: string

  constructor(options: VllmServerOptions) {
    this.#endpoint = options.endpoint
    this.#vocabulary = options.vocabulary
    this.#model = options.model
    this.where = options.endpoint.where
    this.rows = options.rows
  }

  /** One distribution for each prompt, in one request. */
  async distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const { choices } = await this.complete(prompts, { candidates, maxTokens: 1, sampling: greedy }, signal)
    const byIndex = new Map(choices.map((choice) => [choice.index, choice]))
    return prompts.map((_, index) => {
      const [step] = this.#steps(byIndex.get(index), candidates)
      if (step === undefined)
        throw invalidReply(this.where, `${choices.length} answers to ${prompts.length} prompts`)
      return step.distribution
    })
  }

  complete(
    prompt: readonly (readonly TokenId[])[],
    query: VllmQuery,
    signal: AbortSignal,
  ): Promise<{ choices: CompletionChoice[] }> {
    const body = this.#completionBody(prompt, query)
    return this.#endpoint.post('/v1/completions', body, completion, signal)
  }

  /** A running continuation, up to and with its end token. One event may hold several tokens. */
  async *stream(
    prompt: readonly TokenId[],
    query: VllmQuery,
    signal: AbortSignal,
  ): AsyncGenerator<StreamedToken, void, undefined> {
    const body = { ...this.#completionBody(prompt, query), stream: true }
    for await (const { choices } of this.#endpoint.events('/v1/completions', body, completion, signal)) {
      for (const choice of choices) {
        for (const step of this.#steps(choice, query.candidates)) {
          yield step
          if (this.#vocabulary.endTokens.has(step.token)) return
        }
        if (choice.finish_reason !== null && choice.finish_reason !== undefined) return
      }
    }
    throw brokenOff(this.where)
  }

  encode(chat: ChatPrompt, signal: AbortSignal): Promise<readonly number[]> {
    return inServerTemplate(chat, {
      where: this.where,
      render: (shown) => this.#tokenize({ ...templateBody(shown), add_generation_prompt: true }, signal),
    })
  }

  async render(chat: ChatPrompt, signal: AbortSignal): Promise<string> {
    return this.detokenize(await this.encode(chat, signal), signal)
  }

  tokenizeTemplate(prompt: string, _atStart: boolean, signal: AbortSignal): Promise<readonly number[]> {
    return this.tokenize(prompt, signal)
  }

  tokenizePlain(text: string, signal: AbortSignal): Promise<readonly number[]> {
    return plainTokens(this, text, signal)
  }

  tokenize(prompt: string, signal: AbortSignal): Promise<readonly number[]> {
    return this.#tokenize({ prompt, add_special_tokens: false }, signal)
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    const body = { model: this.#model, tokens }
    return (await this.#endpoint.post('/detokenize', body, detokenized, signal)).prompt
  }

  isControl(id: number): boolean {
    return this.#vocabulary.bytes(this.#checkedToken(id)).length === 0
  }

  /** Settings left out would be filled in from the model's generation_config.json. */
  #completionBody(
    prompt: readonly TokenId[] | readonly (readonly TokenId[])[],
    { candidates, maxTokens, sampling }: VllmQuery,
  ): object {
    return {
      model: this.#model,
      prompt,
      max_tokens: maxTokens,
      logprobs: candidates,
      return_tokens_as_token_ids: true,
      return_token_ids: true,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      min_p: 0,
      ...(sampling.temperature === 0 ? {} : { seed: sampling.seed }),
      repetition_penalty: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      stop_token_ids: [...this.#vocabulary.endTokens],
    }
  }

  #steps(choice: CompletionChoice | undefined, candidates: number): StreamedToken[] {
    const tokens = choice?.token_ids ?? []
    const top = choice?.logprobs?.top_logprobs ?? []
    if (tokens.length !== top.length) {
      throw invalidReply(this.where, `${tokens.length} tokens with ${top.length} sets of log-probabilities`)
    }
    return tokens.map((token, at) => ({
      token: this.#checkedToken(token),
      distribution: this.#distribution(top[at] ?? {}, candidates),
    }))
  }

  #distribution(top: object, candidates: number): Distribution {
    const list = new CandidateList({
      where: this.where,
      vocabularySize: this.#vocabulary.size,
      rows: this.rows ?? this.#vocabulary.size + MAX_PADDING_ROWS,
    })
    for (const [key, logprob] of Object.entries(top)) list.add(keyedTokenId(key), logprob)
    return list.distribution(candidates)
  }

  #checkedToken(token: number): TokenId {
    if (Number.isInteger(token) && token >= 0 && token < this.#vocabulary.size) return token as TokenId
    throw invalidReply(this.where, 'a token id outside the vocabulary')
  }

  async #tokenize(body: object, signal: AbortSignal): Promise<readonly number[]> {
    const sent = { model: this.#model, ...body }
    return (await this.#endpoint.post('/tokenize', sent, tokenized, signal)).tokens
  }
}
