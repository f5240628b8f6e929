import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { NamedCandidates } from '../completions/named-candidates.ts'
import type { PromptText } from '../completions/prompt-text.ts'
import type { CompletionPosition } from '../completions/replies.ts'
import type { NamedStep, TextServer, TextStreamQuery } from '../completions/text-server.ts'
import { brokenOff, invalidReply } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { sideBySide } from '../served/side-by-side.ts'
import { type Generated, generated } from './replies.ts'

/** It refuses more. */
export const MAX_CANDIDATES = 20

/** What is said of the model with each request: others than those that it is loaded with load it anew. */
export interface LoadSettings {
  readonly contextTokens: number | undefined
  readonly keepAlive: string | undefined
}

export interface OllamaServerOptions extends LoadSettings {
  readonly endpoint: HttpEndpoint
  readonly model: string
  readonly promptText: PromptText
  readonly named: NamedCandidates
  /** Prompts that are sent side by side. */
  readonly maxInFlight: number
}

interface GenerateQuery extends TextStreamQuery {
  /** Has a token emitted that has a text, whatever the probabilities. */
  readonly visible?: boolean
}

/** Ollama's own route of raw prompts, which are texts, with checked replies. */
export class OllamaServer implements TextServer {
  readonly where: string
  readonly asksInside = false
  readonly #options: OllamaServerOptions

  constructor(options: OllamaServerOptions) {
    this.#options = options
    this.where = options.endpoint.where
  }

  /** One request for each prompt: a request takes one. */
  distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]> {
    const { maxInFlight } = this.#options
    return sideBySide(prompts, maxInFlight, (prompt) => this.#distribution(prompt, candidates, signal))
  }

  /**
   * Nothing is told of a token without a text, such as the end token: then it is asked for one that has a
   * text, whose candidates are the same. Where these are all inside characters, more of them.
   */
  async #distribution(
    prompt: readonly TokenId[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution> {
    const { named, promptText } = this.#options
    const text = promptText.write(prompt)
    const query = { candidates, maxTokens: 1, sampling: greedy }
    const plain = await this.generate(text, query, signal)
    const [position] = plain.logprobs ?? []
    const told = position && named.distributionAt(prompt, { top: untold(position.top) }, candidates)
    if (told) return told
    const wider = { ...query, candidates: MAX_CANDIDATES, visible: true }
    const [forced] = (await this.generate(text, wider, signal)).logprobs ?? []
    const ends = position === undefined && plain.done_reason === 'stop'
    const top = forced === undefined ? [] : ends ? endFirst(forced.top) : untold(forced.top)
    const distribution = named.distributionAt(prompt, { top }, candidates)
    if (distribution !== null) return distribution
    throw invalidReply(this.where, 'no candidate that is a token of the local model')
  }

  generate(text: string, query: GenerateQuery, signal: AbortSignal): Promise<Generated> {
    const body = { ...this.#body(text, query), stream: false }
    return this.#options.endpoint.post('/api/generate', body, generated, signal)
  }

  /** Tokens of a text as a prompt; null where the server does not tell. */
  async promptTokens(text: string, signal: AbortSignal): Promise<number | null> {
    const query = { candidates: 1, maxTokens: 1, sampling: greedy }
    return (await this.generate(text, query, signal)).prompt_eval_count ?? null
  }

  async *stream(
    prompt: readonly TokenId[],
    query: TextStreamQuery,
    signal: AbortSignal,
  ): AsyncGenerator<NamedStep, void, undefined> {
    const { endpoint, promptText } = this.#options
    const body = { ...this.#body(promptText.write(prompt), query), stream: true }
    const prefix = [...prompt]
    for await (const reply of endpoint.lines('/api/generate', body, generated, signal)) {
      for (const position of reply.logprobs ?? []) {
        const step = this.#step(prefix, { text: reply.response, position }, query.candidates)
        yield step
        if (step.distribution === null || step.token === null || this.isEnd(step.token)) return
        prefix.push(step.token)
      }
      if (!reply.done) continue
      const untold = (reply.eval_count ?? 0) - (prefix.length - prompt.length)
      if (untold === 1 && reply.done_reason === 'stop')
        yield await this.#end(prefix, query.candidates, signal)
      else if (untold > 0) yield untoldStep
      return
    }
    // It ends a stream without a word where a token comes thirty times in a row.
    if (prefix.length === prompt.length) throw brokenOff(this.where)
    yield untoldStep
  }

  isEnd(token: TokenId): boolean {
    return this.#options.named.isEnd(token)
  }

  /** The end token, which ends a stream unseen. */
  async #end(prefix: readonly TokenId[], candidates: number, signal: AbortSignal): Promise<NamedStep> {
    const token = this.#options.named.tokenAt(prefix, { text: '' })
    return { token, distribution: await this.#distribution(prefix, candidates, signal) }
  }

  #step(
    prefix: readonly TokenId[],
    { text, position }: { readonly text: string; readonly position: CompletionPosition },
    candidates: number,
  ): NamedStep {
    // The piece began with tokens that are parts of a character, or a draft model made it
    if (text !== position.token.text || position.top.length < Math.min(2, candidates)) return untoldStep
    const { named } = this.#options
    return {
      token: named.tokenAt(prefix, position.token),
      distribution: named.distributionAt(prefix, { top: untold(position.top) }, candidates),
    }
  }

  #body(text: string, { candidates, maxTokens, sampling, visible = false }: GenerateQuery): object {
    const { model, contextTokens, keepAlive } = this.#options
    return {
      model,
      raw: true,
      prompt: text,
      logprobs: true,
      top_logprobs: candidates,
      truncate: false,
      shift: false,
      // An object begins with a brace or a blank: both are tokens with a text.
      ...(visible ? { format: 'json' } : {}),
      ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
      // What a model's own file sets would count otherwise
      options: {
        num_predict: maxTokens,
        temperature: sampling.temperature,
        top_p: sampling.topP,
        top_k: 0,
        min_p: 0,
        typical_p: 1,
        repeat_penalty: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        stop: [],
        ...(sampling.temperature === 0 ? {} : { seed: sampling.seed }),
        ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }),
      },
    }
  }
}

const untoldStep: NamedStep = { token: null, distribution: null }

type Candidates = CompletionPosition['top']

/** A name that is no token's alone. */
const noName = { text: '\ufffd' }

/**
 * An empty name is that of the end token, of another control token, or of one that begins a character: which
 * of them is not told.
 */
function untold(top: Candidates): Candidates {
  return top.map((entry) => (entry.token.text === '' ? { ...entry, token: noName } : entry))
}

/** The same where the likeliest token is known to be the end token. */
function endFirst(top: Candidates): Candidates {
  const end = top.findIndex(({ token }) => token.text === '')
  return untold(top).map((entry, at) => (at === end ? { ...entry, token: { text: '' } } : entry))
}
