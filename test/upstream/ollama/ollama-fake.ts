import { z } from 'zod'
import { unguarded } from '../../../src/guard/public.ts'
import type { ControlTokens } from '../../../src/slm/text/control-tokens.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { StreamedToken } from '../../../src/steer/upstream.ts'
import {
  type ModelReply,
  type ModelServer,
  type ServedModel,
  startModelServer,
} from '../served-model/model-server.ts'

export interface OllamaFakeOptions extends ServedModel {
  readonly controlTokens: ControlTokens
  /** Names of the models that are pulled, and of those that run elsewhere; copies have one digest. */
  readonly names: readonly {
    readonly name: string
    readonly remote_host?: string
    readonly digest?: string
  }[]
  /** What `_debug_render_only` shows; null for a version that does not know it. */
  readonly render: ((messages: readonly ChatMessage[]) => string) | null
  /** Whether candidates come with log-probabilities, which old versions leave out. */
  readonly tellsLogprobs: boolean
  /** A draft model makes the tokens behind the first, and no candidates of them are told. */
  readonly drafts?: boolean
}

const generate = z.object({
  model: z.string(),
  raw: z.boolean().default(false),
  prompt: z.string(),
  stream: z.boolean().default(true),
  format: z.literal('json').optional(),
  top_logprobs: z.number().default(0),
  options: z
    .object({
      num_predict: z.number(),
      temperature: z.number(),
      top_p: z.number(),
      seed: z.number().default(0),
      num_ctx: z.number().optional(),
    })
    .partial()
    .default({}),
})
const chat = z.object({ messages: z.array(z.custom<ChatMessage>()) })

/**
 * Ollama's own routes as its sources of August 2026 have them: names of tokens are texts, the end token and
 * tokens inside a character are not told, and `format: json` forces a brace whose candidates are the model's.
 */
export function startOllamaFake(options: OllamaFakeOptions): Promise<ModelServer> {
  const { upstream, tokenizer, controlTokens, names, render, tellsLogprobs, drafts = false } = options
  const { vocabulary, limits } = upstream
  const [brace = 0] = tokenizer.encode('{')
  const lossy = new TextDecoder()
  // What begins a character is cut off
  const textOf = (id: TokenId) =>
    controlTokens.has(id) ? '' : new TextDecoder().decode(vocabulary.bytes(id), { stream: true })
  let window = limits.contextTokens

  const running = () =>
    names.filter(
      ({ digest }, at) => digest === undefined || names.findIndex((one) => one.digest === digest) === at,
    )

  const named = (id: TokenId, logprob: number) => {
    const token = textOf(id)
    return { token, logprob, ...(token === '' ? {} : { bytes: [...Buffer.from(token)] }) }
  }
  const logprobs = ({ token, distribution: { ids, logprobs: values } }: StreamedToken, isDraft: boolean) => {
    const top_logprobs = [...ids].map((id, rank) => named(tokenId(id), values[rank] ?? 0))
    return [isDraft ? named(token, 0) : { ...named(token, -1), top_logprobs }]
  }

  async function* pieces(body: z.infer<typeof generate>, signal: AbortSignal): AsyncGenerator<object> {
    const { num_predict: maxTokens = 128, temperature = 0.8, top_p: topP = 1, seed = 0 } = body.options
    const prefix = tokenizer.encodePrompt(body.prompt)
    const sampling = { temperature, topP, topK: 0, seed }
    const asked = { prefix: unguarded(prefix), maxTokens, sampling, signal }
    const steps = upstream.stream({ ...asked, candidates: body.top_logprobs })
    let made = 0
    let held: Uint8Array[] = []
    let ended = false
    for await (const step of steps) {
      made++
      const token = body.format === 'json' && made === 1 ? tokenId(brace) : step.token
      ended = vocabulary.endTokens.has(token)
      if (ended) break
      held.push(vocabulary.bytes(token))
      const text = lossy.decode(Buffer.concat(held))
      if (text === '' || text.endsWith('\ufffd')) continue
      held = []
      yield {
        response: text,
        done: false,
        ...(tellsLogprobs ? { logprobs: logprobs({ ...step, token }, drafts && made > 1) } : {}),
      }
    }
    const done_reason = ended ? 'stop' : 'length'
    yield { response: '', done: true, done_reason, prompt_eval_count: prefix.length, eval_count: made }
  }

  const answered = async (body: z.infer<typeof generate>, signal: AbortSignal): Promise<ModelReply> => {
    if (body.top_logprobs > 20) {
      return { status: 400, json: { error: 'top_logprobs must be between 0 and 20' } }
    }
    window = body.options.num_ctx ?? window
    if (body.prompt === '') return { json: { response: '', done: true, done_reason: 'load' } }
    if (body.stream) return { lines: pieces(body, signal) }
    let whole: Record<string, unknown> = {}
    for await (const piece of pieces(body, signal)) {
      whole = {
        ...whole,
        ...piece,
        response: `${whole.response ?? ''}${'response' in piece ? piece.response : ''}`,
      }
    }
    return { json: whole }
  }

  return startModelServer(async ({ path, body, signal }) => {
    switch (path) {
      case '/api/tags':
        return { json: { models: names } }
      case '/api/ps':
        return { json: { models: running().map((one) => ({ ...one, context_length: window })) } }
      case '/api/generate':
        return answered(generate.parse(body), signal)
      case '/api/chat': {
        if (render === null) return { json: { message: { role: 'assistant', content: 'H' }, done: true } }
        return { json: { _debug_info: { rendered_template: render(chat.parse(body).messages) } } }
      }
      default:
        return { status: 404, json: { error: 'not found' } }
    }
  })
}
