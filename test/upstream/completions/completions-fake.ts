import { z } from 'zod'
import { unguarded } from '../../../src/guard/public.ts'
import type { ControlTokens } from '../../../src/slm/text/control-tokens.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { StreamedToken } from '../../../src/steer/upstream.ts'
import {
  type ModelReply,
  type ModelServer,
  type ServedModel,
  startModelServer,
} from '../served-model/model-server.ts'

export interface CompletionsFakeOptions extends ServedModel {
  readonly controlTokens: ControlTokens
  /**
   * Of `logprobs`: dictionaries keyed by text, or the chat API's lists with bytes. `webui`: dictionaries by
   * id beside those by text, as in text-generation-webui's `modules/api/completions.py`. `mlx`: as in
   * MLX-LM's `mlx_lm/server.py`, lists of ids with names as vocabularies write them, in no order, and the
   * first of them in place of the token that was drawn; asked for by `top_logprobs`, a number in `logprobs`
   * ends the connection; none in streams, and one prompt a request.
   */
  readonly shape: 'legacy' | 'chat' | 'webui' | 'mlx'
  /**
   * A draft model makes the tokens behind the first: they come without candidates, or in streams without a
   * word of them, as of llama-server.
   */
  readonly drafts?: 'bare' | 'silent'
  /** The largest `logprobs`; more is refused. */
  readonly maxCandidates: number
  /** Prompts in token ids: as they are, decoded to text first, or refused. Default: refused. */
  readonly ids?: 'taken' | 'decoded'
}

const request = z.object({
  prompt: z.union([z.string(), z.array(z.number()), z.array(z.union([z.string(), z.array(z.number())]))]),
  max_tokens: z.number(),
  logprobs: z.union([z.number(), z.literal(true)]),
  top_logprobs: z.number().default(0),
  temperature: z.number(),
  top_p: z.number(),
  seed: z.number().default(0),
  stream: z.boolean().default(false),
  logit_bias: z.record(z.string(), z.number()).default({}),
})
type Request = z.infer<typeof request>

/**
 * The completions route of the OpenAI API. A forced token is emitted and its bias shows in no
 * log-probability.
 */
export function startCompletionsFake(options: CompletionsFakeOptions): Promise<ModelServer> {
  const { upstream, tokenizer, controlTokens, shape } = options
  const { vocabulary, limits } = upstream
  const textOf = (id: TokenId): string => new TextDecoder().decode(vocabulary.bytes(id))

  const entry = (id: TokenId, logprob: number) => {
    const bytes = controlTokens.has(id) ? null : [...vocabulary.bytes(id)]
    return { token: textOf(id), bytes, logprob }
  }
  const logprobs = ({ token, distribution: { ids, logprobs: values } }: StreamedToken, isDraft: boolean) => {
    const told = isDraft ? [] : [...ids]
    const top = told.map((id, rank) => entry(tokenId(id), values[rank] ?? 0))
    if (shape === 'chat') return { content: [{ ...entry(token, -1), top_logprobs: top }] }
    if (shape === 'mlx') {
      const written = told.map((id, rank) => ({
        id,
        token: textOf(tokenId(id)).replaceAll(' ', '\u0120'),
        logprob: values[rank] ?? 0,
      }))
      return { content: [{ ...written.at(-1), top_logprobs: written.toReversed() }] }
    }
    const byText = Object.fromEntries(top.map(({ token: text, logprob }) => [text, logprob]))
    const byId = Object.fromEntries(told.map((id, rank) => [id, values[rank] ?? 0]))
    const named = { tokens: [textOf(token)], token_logprobs: [-1], top_logprobs: [byText], text_offset: [0] }
    return shape === 'webui' ? { ...named, top_logprobs_ids: [byId] } : named
  }
  const wanted = (body: Request) => (body.logprobs === true ? body.top_logprobs : body.logprobs)

  async function* choices(prefix: readonly TokenId[], body: Request, index: number, signal: AbortSignal) {
    const forced = Object.keys(body.logit_bias).map(Number)[0]
    const steps = upstream.stream({
      prefix: unguarded(prefix),
      candidates: wanted(body),
      maxTokens: body.max_tokens,
      sampling: { temperature: body.temperature, topP: body.top_p, topK: 0, seed: body.seed },
      signal,
    })
    let count = 0
    for await (const step of steps) {
      count++
      const token = forced === undefined ? step.token : tokenId(forced)
      const isEnd = vocabulary.endTokens.has(token)
      const reason = isEnd ? 'stop' : count === body.max_tokens ? 'length' : null
      const isDraft = options.drafts !== undefined && count > 1
      const isSilent = body.stream && (shape === 'mlx' || (isDraft && options.drafts === 'silent'))
      const told = isSilent ? {} : { logprobs: logprobs({ ...step, token }, isDraft) }
      yield { index, text: textOf(token), ...told, finish_reason: reason }
      if (isEnd) return
    }
  }

  async function* events(
    prompt: readonly TokenId[],
    body: Request,
    signal: AbortSignal,
  ): AsyncGenerator<unknown> {
    yield null
    for await (const choice of choices(prompt, body, 0, signal)) yield { choices: [choice] }
  }

  /** Null for ids that are refused. */
  const promptsOf = (sent: Request['prompt']): (readonly TokenId[])[] | null => {
    const listed = typeof sent === 'string' || sent.every((one) => typeof one === 'number') ? [sent] : sent
    const prompts = listed.map((prompt) => {
      if (typeof prompt === 'string') return tokenizer.encodePrompt(prompt)
      const ids = [prompt].flat().map((id) => tokenId(Number(id)))
      if (options.ids === 'taken') return ids
      return options.ids === 'decoded' ? tokenizer.encodePrompt(ids.map(textOf).join('')) : null
    })
    return prompts.every((prompt) => prompt !== null) ? prompts : null
  }

  const completed = async (body: Request, signal: AbortSignal): Promise<ModelReply> => {
    const isRefused = shape === 'mlx' && (body.logprobs !== true || wanted(body) > options.maxCandidates)
    if (isRefused) throw new Error('the connection ends')
    if (wanted(body) > options.maxCandidates) {
      const message = `maximum value for logprobs is ${options.maxCandidates}`
      return { status: 400, json: { error: { message, type: 'invalid_request_error' } } }
    }
    const prompts = promptsOf(body.prompt)?.slice(0, shape === 'mlx' ? 1 : undefined) ?? null
    if (prompts === null) return { status: 400, json: { error: { message: 'prompt must be text' } } }
    const lengths = prompts.map((prompt) => prompt.length)
    if (lengths.some((length) => length >= limits.contextTokens)) {
      return { status: 400, json: { error: { message: "the model's maximum context length is 9" } } }
    }
    if (body.stream) return events(prompts[0] ?? [], body, signal)
    const answers = await Promise.all(
      prompts.map(async (prompt, index) => {
        let last = null
        for await (const choice of choices(prompt, { ...body, max_tokens: 1 }, index, signal)) last = choice
        return last
      }),
    )
    const prompt_tokens = lengths.reduce((sum, length) => sum + length, 0)
    return { json: { choices: answers.reverse(), usage: { prompt_tokens } } }
  }

  return startModelServer(async ({ path, body, signal }) => {
    if (path === '/v1/models') {
      return { json: { data: [{ id: upstream.model, max_model_len: limits.contextTokens }] } }
    }
    if (path === '/v1/completions') return completed(request.parse(body), signal)
    return { status: 404, json: { error: { message: 'not found' } } }
  })
}
