import { randomUUID } from 'node:crypto'
import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { StreamedToken, UpstreamSampling } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { brokenOff, invalidReply, refusal } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { CandidateList } from '../served/candidate-list.ts'
import { MAX_PADDING_ROWS, type VocabularyServer } from '../served/vocabulary-probe.ts'
import { batch, detokenized, type Generated, generated, tokenized } from './replies.ts'

export interface SglangQuery {
  /** 0 asks for tokens alone. */
  readonly candidates: number
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
}

interface SglangServerOptions {
  readonly endpoint: HttpEndpoint
  readonly vocabulary: Vocabulary
  readonly model: string
}

const ABORT_WAIT_MS = 2_000

/** SGLang's own HTTP routes, with checked replies. */
export class SglangServer implements VocabularyServer {
  readonly where: string
  readonly rows = null
  readonly #endpoint: HttpEndpoint
  readonly #vocabulary: Vocabulary
  readonly #model: string
  #mayAbort = true

  constructor({ endpoint, vocabulary, model }: SglangServerOptions) {
    this.#endpoint = endpoint
    this.#vocabulary = vocabulary
    this.#model = model
    this.where = endpoint.where
  }

  /** One distribution for each prompt, in one request. */
  async distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const query = { candidates, maxTokens: 1, sampling: greedy }
    const replies = await this.#generate(prompts, query, signal)
    return prompts.map((_, at) => {
      const reply = replies[at]
      const [step] = reply === undefined ? [] : this.#steps(reply, 0, candidates)
      if (step !== undefined) return step.distribution
      throw invalidReply(this.where, `${replies.length} answers to ${prompts.length} prompts`)
    })
  }

  /** Tokens that the server draws, without their distributions; the last one may be an end token. */
  async draw(prompt: readonly TokenId[], query: SglangQuery, signal: AbortSignal): Promise<TokenId[]> {
    const [reply] = await this.#generate([prompt], query, signal)
    if (reply !== undefined) this.#checkFinish(reply)
    const drawn = reply?.meta_info.output_token_logprobs ?? []
    const tokens = drawn.map(([, id]) => this.#checkedToken(id))
    const end = tokens.findIndex((token) => this.isEnd(token))
    return end === -1 ? tokens : tokens.slice(0, end + 1)
  }

  /**
   * A running continuation, up to and with its end token. Events repeat all tokens so far, or hold only the
   * new ones (`--incremental-streaming-output`): the running count tells which.
   */
  async *stream(
    prompt: readonly TokenId[],
    query: SglangQuery,
    signal: AbortSignal,
  ): AsyncGenerator<StreamedToken, void, undefined> {
    const rid = randomUUID()
    const body = { ...this.#body(prompt, query, rid), stream: true }
    let received = 0
    let finished = false
    try {
      for await (const event of this.#endpoint.events('/generate', body, generated, signal)) {
        const { completion_tokens: total, finish_reason: reason } = event.meta_info
        const steps = this.#steps(event, received, query.candidates)
        received += steps.length
        if (received !== total) throw invalidReply(this.where, `${received} of ${total} tokens`)
        finished = reason !== null && reason !== undefined
        for (const step of steps) {
          yield step
          if (this.isEnd(step.token)) return
        }
        if (finished) return
      }
      throw brokenOff(this.where)
    } finally {
      if (!finished) this.#abort([rid])
    }
  }

  async tokenize(prompt: string, signal: AbortSignal): Promise<readonly number[]> {
    const body = { model: this.#model, prompt, add_special_tokens: false }
    return (await this.#endpoint.post('/tokenize', body, tokenized, signal)).tokens
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    const body = { model: this.#model, tokens, skip_special_tokens: false }
    return (await this.#endpoint.post('/detokenize', body, detokenized, signal)).text
  }

  isEnd(token: TokenId): boolean {
    return this.#vocabulary.endTokens.has(token)
  }

  /** Settings left out would be filled in from the model's generation_config.json. */
  #body(
    input: readonly TokenId[] | readonly (readonly TokenId[])[],
    { candidates, maxTokens, sampling }: SglangQuery,
    rid: string | readonly string[],
  ): object {
    return {
      rid,
      input_ids: input,
      sampling_params: {
        max_new_tokens: maxTokens,
        temperature: sampling.temperature,
        top_p: sampling.topP,
        top_k: sampling.topK === 0 ? -1 : sampling.topK,
        min_p: 0,
        repetition_penalty: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        stop_token_ids: [...this.#vocabulary.endTokens],
        ...(sampling.temperature === 0 ? {} : { sampling_seed: sampling.seed }),
      },
      return_logprob: true,
      top_logprobs_num: candidates,
      logprob_start_len: -1,
      return_text_in_logprobs: false,
    }
  }

  /** What an answer holds beyond the tokens `received` before. */
  #steps(reply: Generated, received: number, candidates: number): StreamedToken[] {
    this.#checkFinish(reply)
    const { completion_tokens: total, ...meta } = reply.meta_info
    const tokens = meta.output_token_logprobs ?? []
    const top = meta.output_top_logprobs ?? []
    if (tokens.length !== top.length) {
      throw invalidReply(this.where, `${tokens.length} tokens with ${top.length} sets of log-probabilities`)
    }
    const known = tokens.length === total ? received : 0
    return tokens.slice(known).map(([, id], at) => ({
      token: this.#checkedToken(id),
      distribution: this.#distribution(top[known + at] ?? [], candidates),
    }))
  }

  #distribution(top: readonly (readonly unknown[])[], candidates: number): Distribution {
    const list = new CandidateList({
      where: this.where,
      vocabularySize: this.#vocabulary.size,
      rows: this.#vocabulary.size + MAX_PADDING_ROWS,
    })
    for (const [logprob, id] of top) list.add(id, logprob === null ? Number.NEGATIVE_INFINITY : logprob)
    return list.distribution(candidates)
  }

  #checkedToken(token: unknown): TokenId {
    if (typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < this.#vocabulary.size) {
      return token as TokenId
    }
    throw invalidReply(this.where, 'a token id outside the vocabulary')
  }

  #checkFinish({ meta_info: { finish_reason: reason } }: Generated): void {
    if (reason?.type !== 'abort') return
    const details = { message: reason.message ?? null }
    throw refusal({ where: this.where, status: reason.status_code ?? 500, details })
  }

  async #generate(
    prompts: readonly (readonly TokenId[])[],
    query: SglangQuery,
    signal: AbortSignal,
  ): Promise<Generated[]> {
    const rids = prompts.map(() => randomUUID())
    try {
      return await this.#endpoint.post('/generate', this.#body(prompts, query, rids), batch, signal)
    } catch (error) {
      if (signal.aborted) this.#abort(rids)
      throw error
    }
  }

  /** The server notices a closed connection only after seconds. Needs the admin key where there is one. */
  #abort(rids: readonly string[]): void {
    if (!this.#mayAbort) return
    const signal = AbortSignal.timeout(ABORT_WAIT_MS)
    for (const rid of rids) {
      this.#endpoint.tell('/abort_request', { rid }, signal).catch(() => {
        this.#mayAbort = false
      })
    }
  }
}
