// This room owns a server that computes nothing: the routes of llama.cpp and of chats, answered at once with
// made-up distributions. It must not know what is measured with it.

import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Tokenizer } from '../../src/slm/text/tokenizer.ts'
import { tokenId } from '../../src/steer/token-id.ts'
import type { Vocabulary } from '../../src/steer/vocabulary.ts'
import { MadeUpDistributions } from './made-up-distributions.ts'

type Route = (body: string, response: ServerResponse) => Promise<void> | void

const tokens = z.array(z.number())
const completionSchema = z.object({
  prompt: z.union([z.array(tokens), tokens]),
  n_predict: z.number(),
  n_probs: z.number(),
  stream: z.boolean().default(false),
})
const chatSchema = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
const contentSchema = z.object({ content: z.string() })
const templateSchema = z.object({ messages: chatSchema })
const idsSchema = z.object({ tokens })

export interface LlamaCppRoutesOptions {
  readonly model: string
  /** More candidates, with their text as well. */
  readonly inFull: boolean
  readonly contextTokens: number
  readonly tokenizer: Tokenizer
  readonly vocabulary: Vocabulary
}

/** Far more than any client opens, so that nothing waits here. */
const SLOTS = 1024

/** llama.cpp's routes that the gateway asks. */
export function llamaCppRoutes({
  model,
  inFull,
  contextTokens,
  tokenizer,
  vocabulary,
}: LlamaCppRoutesOptions): Record<string, Route> {
  const distributions = new MadeUpDistributions(vocabulary, { inFull })
  const json = (reply: (body: string) => unknown): Route => {
    return (body, response) => void response.end(JSON.stringify(reply(body)))
  }
  // The template is left to the tokenizer: what it renders are the messages, and /tokenize recognises them.
  const tokenized = (content: string) => {
    const chat = content.startsWith('[{"role"') ? chatSchema.safeParse(JSON.parse(content)) : null
    return chat?.success === true ? tokenizer.encodeChat(chat.data) : tokenizer.encode(content)
  }
  const text = (ids: readonly number[]) =>
    Buffer.concat(ids.map((id) => vocabulary.bytes(tokenId(id)))).toString()
  return {
    '/props': json(() => ({
      total_slots: SLOTS,
      default_generation_settings: { n_ctx: contextTokens },
    })),
    '/v1/models': json(() => ({ data: [{ id: model, meta: { n_vocab: vocabulary.size } }] })),
    '/apply-template': json((body) => ({
      prompt: JSON.stringify(templateSchema.parse(JSON.parse(body)).messages),
    })),
    '/tokenize': json((body) => ({ tokens: tokenized(contentSchema.parse(JSON.parse(body)).content) })),
    '/detokenize': json((body) => ({ content: text(idsSchema.parse(JSON.parse(body)).tokens) })),
    '/completion': (body, response) => complete(distributions, body, response),
  }
}

async function complete(
  distributions: MadeUpDistributions,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const {
    prompt,
    n_predict: count,
    n_probs: probabilities,
    stream,
  } = completionSchema.parse(JSON.parse(body))
  const step = (prefix: readonly number[]) => {
    const top = distributions.after(prefix)
    const id = top[0]?.id ?? 0
    return {
      tokens: [id],
      completion_probabilities: [{ id, top_logprobs: top.slice(0, probabilities) }],
    }
  }
  const prefixes = prompt.filter((one) => typeof one !== 'number')
  if (!stream) {
    response.end(JSON.stringify(prefixes.map((prefix, index) => ({ index, ...step(prefix) }))))
    return
  }
  const sequence = prompt.filter((one) => typeof one === 'number')
  response.setHeader('content-type', 'text/event-stream')
  for (let predicted = 1; predicted <= count && !response.destroyed; predicted++) {
    const event = step(sequence)
    sequence.push(event.tokens[0] ?? 0)
    response.write(`data: ${JSON.stringify({ ...event, stop: false, tokens_predicted: predicted })}\n\n`)
    // Leaves the others their turn.
    await new Promise(setImmediate)
  }
  response.end(`data: ${JSON.stringify({ stop: true, tokens: [], tokens_predicted: count })}\n\n`)
}
