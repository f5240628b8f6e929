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

export interface ChatPrefixFakeOptions extends ServedModel {
  readonly controlTokens: ControlTokens
  /** What it goes on by; `never`: it answers anew. */
  readonly continues: 'continue_final_message' | 'prefix' | 'last-message' | 'never'
  /** Loses white space at the end of what it goes on with. */
  readonly trims?: boolean
  /** The largest `top_logprobs`; more is refused. */
  readonly maxCandidates?: number
  /** Ends an answer without a word of the token that ends it. */
  readonly hidesEnd?: boolean
  /** Tokens of which it tells nothing where its model writes them. */
  readonly hides?: (token: TokenId) => boolean
  /** A draft model makes the tokens behind the first, and no candidates of them are told. */
  readonly drafts?: boolean
  /** Repeats in its text what it goes on with. */
  readonly echoes?: boolean
  /** What another path than the usual one has. */
  readonly path?: string
}

const request = z.object({
  messages: z
    .array(z.object({ role: z.string(), content: z.string(), prefix: z.boolean().optional() }))
    .min(1),
  continue_final_message: z.boolean().default(false),
  max_tokens: z.number(),
  top_logprobs: z.number(),
  temperature: z.number(),
  top_p: z.number(),
  seed: z.number().default(0),
  stream: z.boolean().default(false),
})
type Request = z.infer<typeof request>

/** The chat route of a service that goes on with the assistant's message. */
export function startChatPrefixFake(options: ChatPrefixFakeOptions): Promise<ModelServer> {
  const { upstream, tokenizer, controlTokens, continues, trims, hidesEnd, echoes } = options
  const { hides = () => false } = options
  const { vocabulary, limits } = upstream
  const { maxCandidates = 20, path: chatPath = '/v1/chat/completions' } = options
  const textOf = (id: TokenId): string =>
    controlTokens.get(id) ?? Buffer.from(vocabulary.bytes(id)).toString()

  const entry = (id: TokenId, logprob: number) => {
    const bytes = controlTokens.has(id) ? null : [...vocabulary.bytes(id)]
    return { token: textOf(id), bytes, logprob }
  }
  const position = ({ token, distribution: { ids, logprobs } }: StreamedToken) => ({
    ...entry(token, -1),
    top_logprobs: [...ids].map((id, rank) => entry(tokenId(id), logprobs[rank] ?? 0)),
  })

  const prompted = ({ messages, continue_final_message: told }: Request): TokenId[] => {
    const last = messages.at(-1)
    const goesOn =
      last?.role === 'assistant' &&
      { continue_final_message: told, prefix: last.prefix === true, 'last-message': true, never: false }[
        continues
      ]
    const before = (goesOn ? messages.slice(0, -1) : messages) as Parameters<typeof tokenizer.encodeChat>[0]
    const begun = goesOn ? (trims ? last.content.trimEnd() : last.content) : ''
    return [...tokenizer.encodeChat(before), ...tokenizer.encode(begun)]
  }

  async function* choices(body: Request, signal: AbortSignal) {
    const prefix = unguarded(prompted(body))
    const sampling = { temperature: body.temperature, topP: body.top_p, topK: 0, seed: body.seed }
    const { max_tokens: maxTokens, top_logprobs: candidates } = body
    let count = 0
    for await (const step of upstream.stream({ prefix, candidates, maxTokens, sampling, signal })) {
      count++
      const isEnd = vocabulary.endTokens.has(step.token)
      const told = { ...position(step), ...(options.drafts && count > 1 ? { top_logprobs: [] } : {}) }
      const content = (isEnd && hidesEnd) || hides(step.token) ? [] : [told]
      const finish_reason = isEnd ? 'stop' : count === maxTokens ? 'length' : null
      const text = isEnd ? '' : textOf(step.token)
      yield { text, logprobs: { content }, finish_reason }
      if (isEnd) return
    }
  }

  async function* events(body: Request, signal: AbortSignal): AsyncGenerator<unknown> {
    for await (const { text, logprobs, finish_reason } of choices(body, signal))
      yield { choices: [{ index: 0, delta: { content: text }, logprobs, finish_reason }] }
    yield { choices: [], usage: { prompt_tokens: prompted(body).length } }
  }

  const answered = async (body: Request, signal: AbortSignal): Promise<ModelReply> => {
    if (body.top_logprobs > maxCandidates)
      return { status: 400, json: { error: { message: 'top_logprobs is too large', type: 'invalid' } } }
    if (body.stream) return events(body, signal)
    const content: unknown[] = []
    const last = body.messages.at(-1)
    let text = echoes && last?.role === 'assistant' ? last.content : ''
    let finish_reason: string | null = null
    for await (const choice of choices(body, signal)) {
      content.push(...choice.logprobs.content)
      text += choice.text
      finish_reason = choice.finish_reason
    }
    const message = { role: 'assistant', content: text }
    const usage = { prompt_tokens: prompted(body).length }
    return { json: { choices: [{ index: 0, message, logprobs: { content }, finish_reason }], usage } }
  }

  return startModelServer(async ({ path, body, signal }) => {
    if (path === '/v1/models')
      return { json: { data: [{ id: upstream.model, context_length: limits.contextTokens }] } }
    if (path === chatPath) return answered(request.parse(body), signal)
    return { status: 404, json: { error: { message: 'not found' } } }
  })
}
