import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { unguarded } from '../../src/guard/public.ts'
import type { Tokenizer } from '../../src/slm/text/tokenizer.ts'
import { type TokenId, tokenIds } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'

/** One request as it arrived over the socket. */
interface ReceivedRequest {
  readonly path: string
  readonly headers: string
  readonly body: string
}

const completionBody = z.object({
  prompt: z.union([z.array(z.array(z.number())), z.array(z.number())]),
  n_predict: z.number(),
  n_probs: z.number().default(1),
  stream: z.boolean().default(false),
})
const call = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})
const messages = z.array(
  z.object({
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z.string(),
    tool_calls: z.array(call).default([]),
  }),
)

/**
 * llama.cpp's protocol over a real model, in front of which every byte that arrives is kept: what a curious
 * operator of the upstream would see.
 */
export async function recordingServer({ upstream, tokenizer }: { upstream: Upstream; tokenizer: Tokenizer }) {
  const received: ReceivedRequest[] = []
  const signal = new AbortController().signal
  const text = (tokens: readonly TokenId[]) =>
    new TextDecoder().decode(
      Buffer.concat(tokens.map((token) => Buffer.from(upstream.vocabulary.bytes(token)))),
    )

  const distribution = async (prefix: readonly number[], candidates: number) => {
    const prefixes = [unguarded(tokenIds(prefix))]
    const [answer] = await upstream.distributions({ prefixes, candidates, signal })
    if (answer === undefined) throw new Error('the model gave no distribution')
    const top = Array.from(answer.ids, (id, i) => ({ id, logprob: answer.logprobs[i] }))
    return { tokens: [top[0]?.id], completion_probabilities: [{ id: top[0]?.id, top_logprobs: top }] }
  }
  const routes: Record<string, (body: unknown) => unknown> = {
    '/props': () => ({
      total_slots: 4,
      default_generation_settings: { n_ctx: upstream.limits.contextTokens },
    }),
    '/v1/models': () => ({ data: [{ id: 'recorded', meta: { n_vocab: upstream.vocabulary.size } }] }),
    '/tokenize': (body) => ({
      tokens: tokenizer.encode(z.object({ content: z.string() }).parse(body).content),
    }),
    '/detokenize': (body) => ({
      content: text(tokenIds(z.object({ tokens: z.array(z.number()) }).parse(body).tokens)),
    }),
    '/apply-template': (body) => ({ prompt: JSON.stringify(z.object({ messages }).parse(body).messages) }),
  }
  // The rendered conversation goes back through /tokenize, where the chat's real ids are due.
  const plainTokenize = routes['/tokenize']
  routes['/tokenize'] = (body) => {
    const { content } = z.object({ content: z.string() }).parse(body)
    const chat = content.startsWith('[{"role"') ? messages.safeParse(JSON.parse(content)) : null
    return chat?.success === true ? { tokens: tokenizer.encodeChat(chat.data) } : plainTokenize?.(body)
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const path = (request.url ?? '').replace(/\?.*/, '')
    received.push({ path: request.url ?? '', headers: request.rawHeaders.join('\n'), body })
    if (path !== '/completion') {
      response.end(
        JSON.stringify(routes[path]?.(body === '' ? null : JSON.parse(body)) ?? { error: 'no such route' }),
      )
      return
    }
    const { prompt, n_predict: count, n_probs: candidates, stream } = completionBody.parse(JSON.parse(body))
    if (!stream) {
      const prompts = prompt
        .map((one) => (Array.isArray(one) ? one : prompt))
        .slice(0, Array.isArray(prompt[0]) ? undefined : 1) as number[][]
      const answers = []
      for (const [index, one] of prompts.entries())
        answers.push({ index, ...(await distribution(one, candidates)) })
      response.end(JSON.stringify(answers))
      return
    }
    const sequence = [...(prompt as number[])]
    for (let predicted = 1; predicted <= count; predicted++) {
      // A real server notices that nobody waits any more.
      if (response.destroyed) return
      const step = await distribution(sequence, candidates)
      sequence.push(step.tokens[0] as number)
      response.write(`data: ${JSON.stringify({ ...step, stop: false, tokens_predicted: predicted })}\n\n`)
      if (upstream.vocabulary.endTokens.has(step.tokens[0] as TokenId)) break
    }
    response.end(
      `data: ${JSON.stringify({ stop: true, tokens: [], tokens_predicted: sequence.length - prompt.length })}\n\n`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
