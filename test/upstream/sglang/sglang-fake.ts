import { z } from 'zod'
import { unguarded } from '../../../src/guard/public.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'
import { type TokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { topOf } from '../served-model/byte-model.ts'
import {
  type ModelReply,
  type ModelServer,
  type ServedModel,
  startModelServer,
} from '../served-model/model-server.ts'

export interface SglangFakeOptions extends ServedModel {
  /** `--incremental-streaming-output` */
  readonly incremental?: boolean
  /** SGLANG_RETURN_ORIGINAL_LOGPROB=1 */
  readonly originalLogprobs?: boolean
  /** A draft model makes the tokens behind the first, and no candidates of them are told. */
  readonly drafts?: boolean
  /** Tokens that one event brings. */
  readonly tokensPerEvent?: number
}

const generate = z.object({
  rid: z.union([z.string(), z.array(z.string())]),
  input_ids: z.union([z.array(z.number()), z.array(z.array(z.number()))]),
  sampling_params: z.object({
    max_new_tokens: z.number(),
    temperature: z.number(),
    top_p: z.number(),
    top_k: z.number(),
    sampling_seed: z.number().default(0),
  }),
  return_logprob: z.literal(true),
  top_logprobs_num: z.number(),
  logprob_start_len: z.literal(-1),
  stream: z.boolean().default(false),
})
type Generate = z.infer<typeof generate>
const text = z.object({ prompt: z.string() })
const ids = z.object({ tokens: z.array(z.number()) })
const chat = z.object({ messages: z.array(z.custom<ChatMessage>()) })

interface Progress {
  readonly tokens: [number, number, null][]
  readonly top: [number | null, number, null][][]
  finish: { type: string } | null
}

function reply({ tokens, top, finish }: Progress, from = 0) {
  return {
    text: '',
    output_ids: tokens.slice(from).map(([, id]) => id),
    meta_info: {
      id: 'r',
      finish_reason: finish,
      prompt_tokens: 1,
      completion_tokens: tokens.length,
      cached_tokens: 0,
      output_token_logprobs: tokens.slice(from),
      output_top_logprobs: top.length === 0 ? undefined : top.slice(from),
    },
  }
}

/**
 * SGLang's routes as its documentation and sources describe them: log-probabilities are divided by the
 * temperature, and streams repeat all tokens so far, unless the options say otherwise.
 */
export function startSglangFake(options: SglangFakeOptions): Promise<ModelServer> {
  const { upstream, tokenizer } = options
  const { vocabulary, limits } = upstream

  async function* progress(prefix: TokenId[], body: Generate, signal: AbortSignal): AsyncGenerator<Progress> {
    const { temperature, top_p: topP, top_k: topK, max_new_tokens: maxTokens } = body.sampling_params
    const isScaled = temperature !== 0 && temperature !== 1 && options.originalLogprobs !== true
    const so: Progress = { tokens: [], top: [], finish: null }
    const steps = upstream.stream({
      prefix: unguarded(prefix),
      candidates: isScaled ? vocabulary.size : Math.max(1, body.top_logprobs_num),
      maxTokens,
      sampling: { temperature, topP, topK: Math.max(0, topK), seed: body.sampling_params.sampling_seed },
      signal,
    })
    for await (const { token, distribution } of steps) {
      const logits = new Float64Array(vocabulary.size).fill(-1e4)
      if (isScaled) {
        for (const [rank, id] of distribution.ids.entries()) logits[id] = distribution.logprobs[rank] ?? 0
      }
      const shown = isScaled ? topOf(logits, body.top_logprobs_num, temperature) : distribution
      const top = [...shown.ids].map((id, rank): [number, number, null] => [
        shown.logprobs[rank] ?? 0,
        id,
        null,
      ])
      so.tokens.push([top.find(([, id]) => id === token)?.[0] ?? -20, token, null])
      if (body.top_logprobs_num > 0) so.top.push(options.drafts === true && so.top.length > 0 ? [] : top)
      const isEnd = vocabulary.endTokens.has(token)
      so.finish = isEnd ? { type: 'stop' } : so.tokens.length === maxTokens ? { type: 'length' } : null
      yield so
    }
  }

  async function* events(body: Generate, signal: AbortSignal): AsyncGenerator<unknown> {
    let sent = 0
    const every = options.tokensPerEvent ?? 1
    for await (const so of progress(tokenIds(z.array(z.number()).parse(body.input_ids)), body, signal)) {
      if (so.finish === null && so.tokens.length < sent + every) continue
      yield reply(so, options.incremental === true ? sent : 0)
      sent = so.tokens.length
    }
  }

  const whole = async (prefix: TokenId[], body: Generate, signal: AbortSignal): Promise<unknown> => {
    let last: Progress | null = null
    for await (const so of progress(prefix, body, signal)) last = so
    return last === null ? null : reply(last)
  }

  const generated = async (body: Generate, signal: AbortSignal): Promise<ModelReply> => {
    const batched = z.array(z.array(z.number())).safeParse(body.input_ids)
    const prompts = batched.success ? batched.data : [z.array(z.number()).parse(body.input_ids)]
    if (prompts.some((prompt) => prompt.length >= limits.contextTokens)) {
      const message = "The input (9 tokens) is longer than the model's context length (8 tokens)."
      return { status: 400, json: { error: { message } } }
    }
    if (body.stream) return events(body, signal)
    const replies = await Promise.all(prompts.map((prompt) => whole(tokenIds(prompt), body, signal)))
    return { json: batched.success ? replies : replies[0] }
  }

  return startModelServer(async ({ path, body, signal }) => {
    switch (path) {
      case '/v1/models':
        return { json: { data: [{ id: upstream.model, max_model_len: limits.contextTokens }] } }
      case '/get_model_info':
        return { json: { model_path: upstream.model, is_generation: true } }
      case '/get_server_info':
        return { json: { context_length: null, max_total_num_tokens: 1_000_000 } }
      case '/tokenize':
        return { json: { tokens: tokenizer.encodePrompt(text.parse(body).prompt), count: 0 } }
      case '/detokenize': {
        const bytes = tokenIds(ids.parse(body).tokens).map((id) => vocabulary.bytes(id))
        return { json: { text: new TextDecoder().decode(Buffer.concat(bytes)) } }
      }
      case '/v1/chat/completions': {
        const count = tokenizer.encodeChat(chat.parse(body).messages).length
        return { json: { choices: [], usage: { prompt_tokens: count } } }
      }
      case '/generate':
        return generated(generate.parse(body), signal)
      case '/abort_request':
        return { json: {} }
      default:
        return { status: 404, json: { object: 'error', message: 'Not Found', code: 404 } }
    }
  })
}
