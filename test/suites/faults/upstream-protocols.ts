import { z } from 'zod'
import type { Candidate, WordModel } from './word-model.ts'

/** Changes what a server says of a position. */
export type Alter = (candidates: Candidate[]) => Candidate[]

/** A reply that is made as it is sent. */
export interface Generation {
  readonly stream: boolean
  readonly parts: number
  /** Tokens before the first part: of the longest prompt, where there are several. */
  readonly position: number
  part(at: number, alter: Alter): string
  /** What follows the last part. */
  readonly end: string
}

/** A healthy server of one kind. */
export interface Protocol {
  /** What a route that generates nothing answers; undefined where there is none. */
  reply(path: string, body: unknown): unknown
  generation(path: string, body: unknown): Generation | null
}

const SERVED_MODEL = 'words'
const CONTEXT_TOKENS = 8_192

const chat = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
function event(data: unknown) {
  return `data: ${JSON.stringify(data)}\n\n`
}

/** A continuation of `prefix` by the model itself, one step at a time. */
function steps(model: WordModel, prefix: readonly number[], candidates: number) {
  const tokens = [...prefix]
  return (alter: Alter) => {
    const [best] = model.top(tokens, 1)
    const top = alter(model.top(tokens, candidates))
    tokens.push(best?.id ?? 0)
    return { token: best?.id ?? 0, top }
  }
}

const promptList = z.union([z.array(z.array(z.number())), z.array(z.number())])
function longest(prompts: readonly (readonly number[])[]) {
  return Math.max(0, ...prompts.map(({ length }) => length))
}
function listed(prompt: z.infer<typeof promptList>): number[][] {
  return prompt.every((one) => typeof one === 'number')
    ? [prompt]
    : prompt.filter((one) => typeof one !== 'number')
}

const llamaCppBody = z.object({
  prompt: promptList,
  n_predict: z.number(),
  n_probs: z.number().default(1),
  stream: z.boolean().default(false),
})

/** llama.cpp's server. */
export function llamaCppProtocol(model: WordModel): Protocol {
  return {
    reply(path, body) {
      switch (path) {
        case '/props':
          return { total_slots: 4, default_generation_settings: { n_ctx: CONTEXT_TOKENS } }
        case '/v1/models':
          return { data: [{ id: SERVED_MODEL, meta: { n_vocab: model.vocabulary.size } }] }
        case '/apply-template':
          return { prompt: JSON.stringify(z.object({ messages: chat }).parse(body).messages) }
        case '/tokenize': {
          const { content } = z.object({ content: z.string() }).parse(body)
          const rendered = content.startsWith('[{"role"') ? chat.parse(JSON.parse(content)) : null
          const { tokenizer } = model
          return { tokens: rendered === null ? tokenizer.encode(content) : tokenizer.encodeChat(rendered) }
        }
        case '/detokenize':
          return { content: model.textOf(z.object({ tokens: z.array(z.number()) }).parse(body).tokens) }
        default:
          return undefined
      }
    },
    generation(path, body) {
      if (path !== '/completion') return passedGeneration(path, body)
      const { prompt, n_predict: count, n_probs: candidates, stream } = llamaCppBody.parse(body)
      const prompts = listed(prompt)
      const position = longest(prompts)
      const starts = prompts.map((prefix) => steps(model, prefix, candidates))
      const answer = ({ token, top }: { token: number; top: Candidate[] }) => ({
        tokens: [token],
        completion_probabilities: [{ id: token, top_logprobs: top }],
      })
      if (!stream) {
        const part = (_: number, alter: Alter) =>
          JSON.stringify(starts.map((step, index) => ({ index, ...answer(step(alter)) })))
        return { stream, parts: 1, position, part, end: '' }
      }
      const [step] = starts
      if (step === undefined) throw new Error('a stream of no prompt')
      return {
        stream,
        parts: count,
        position,
        part: (at, alter) => event({ ...answer(step(alter)), stop: false, tokens_predicted: at + 1 }),
        end: event({ stop: true, tokens: [], tokens_predicted: count }),
      }
    },
  }
}

const MAX_LOGPROBS = 20
const vllmBody = z.object({
  prompt: promptList,
  max_tokens: z.number(),
  logprobs: z.number(),
  stream: z.boolean().default(false),
})

/** vLLM's server. */
export function vllmProtocol(model: WordModel): Protocol {
  return {
    reply(path, body) {
      switch (path) {
        case '/v1/models':
          return { data: [{ id: SERVED_MODEL, max_model_len: CONTEXT_TOKENS }] }
        case '/tokenize': {
          const asked = z.object({ prompt: z.string().optional(), messages: chat.optional() }).parse(body)
          const { tokenizer } = model
          if (asked.messages !== undefined) return { tokens: tokenizer.encodeChat(asked.messages) }
          return { tokens: tokenizer.encode(asked.prompt ?? '') }
        }
        case '/detokenize':
          return { prompt: model.textOf(z.object({ tokens: z.array(z.number()) }).parse(body).tokens) }
        default:
          return undefined
      }
    },
    generation(path, body) {
      if (path !== '/v1/completions') return passedGeneration(path, body)
      const { prompt, max_tokens: count, logprobs: candidates, stream } = vllmBody.parse(body)
      if (candidates > MAX_LOGPROBS) {
        const message = `Requested sample logprobs of ${candidates}, which is greater than max allowed: ${MAX_LOGPROBS}`
        return whole({ error: { message, type: 'BadRequestError', code: 400 } })
      }
      const prompts = listed(prompt)
      const position = longest(prompts)
      const starts = prompts.map((prefix) => steps(model, prefix, candidates))
      const choice = (index: number, { token, top }: { token: number; top: Candidate[] }) => ({
        index,
        token_ids: [token],
        logprobs: {
          top_logprobs: [Object.fromEntries(top.map(({ id, logprob }) => [`token_id:${id}`, logprob]))],
        },
      })
      if (!stream) {
        const part = (_: number, alter: Alter) =>
          JSON.stringify({ choices: starts.map((step, index) => choice(index, step(alter))) })
        return { stream, parts: 1, position, part, end: '' }
      }
      const [step] = starts
      if (step === undefined) throw new Error('a stream of no prompt')
      const last = { index: 0, token_ids: [], logprobs: { top_logprobs: [] }, finish_reason: 'length' }
      return {
        stream,
        parts: count,
        position,
        part: (_, alter) => event({ choices: [choice(0, step(alter))] }),
        end: `${event({ choices: [last] })}data: [DONE]\n\n`,
      }
    },
  }
}

function whole(reply: unknown): Generation {
  return {
    stream: false,
    parts: 1,
    position: 0,
    part: () => JSON.stringify(reply),
    end: '',
  }
}

const passedBody = z.object({
  stream: z.boolean().default(false),
  max_tokens: z.number().default(4),
  logprobs: z.boolean().default(false),
})

/** What both kinds answer to a request that is passed on: as many pieces as tokens are asked for. */
function passedGeneration(path: string, body: unknown): Generation | null {
  if (path !== '/v1/chat/completions') return null
  const { stream, max_tokens: parts, logprobs } = passedBody.parse(body)
  const width = logprobs ? 16_384 : 64
  const choices = (part: object) => ({ model: SERVED_MODEL, choices: [{ index: 0, ...part }] })
  if (!stream) return whole(choices({ message: { role: 'assistant', content: 'passed' } }))
  return {
    stream,
    parts,
    position: 0,
    part: (at) => event(choices({ delta: { content: `${at} `.padEnd(width) } })),
    end: 'data: [DONE]\n\n',
  }
}
