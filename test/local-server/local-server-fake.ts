import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { unguarded } from '../../src/guard/public.ts'
import type { Tokenizer } from '../../src/slm/text/tokenizer.ts'
import { tokenIds } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { type ModelReply, type ModelServer, startModelServer } from '../upstream/served-model/model-server.ts'

const completion = z.object({
  prompt: z.union([z.array(z.array(z.number())), z.array(z.number())]),
  id_slot: z.number().optional(),
  n_probs: z.number(),
  cache_prompt: z.literal(true),
})

export interface LocalServerFake extends ModelServer {
  /** Prompts of the pair so far, with the slot that computed each and the tokens that it had to compute. */
  readonly computed: readonly { readonly prompt: readonly number[]; slot: number; tokens: number }[]
  /** From now on; null answers again. */
  answers(instead: ((path: string) => ModelReply) | null): void
  /** Somebody else has used a slot. */
  occupy(slot: number, tokens: readonly number[]): void
  /** The name of the model that it runs. */
  model: string
}

export interface LocalServerFakeOptions {
  readonly upstream: Upstream
  readonly tokenizer: Tokenizer
  readonly slots?: number
  readonly modelPath?: string
  /** Empties every other slot when one is used, as a server with a shared cache does. */
  readonly forgets?: boolean
  /** Computes a prompt anew unless it goes on where its slot stands. */
  readonly goesBack?: boolean
}

/** llama-server's routes over a model, with slots that hold what they computed. */
export async function startLocalServerFake(options: LocalServerFakeOptions): Promise<LocalServerFake> {
  const { upstream, tokenizer, slots = 2, modelPath, forgets = false, goesBack = true } = options
  let instead: ((path: string) => ModelReply) | null = null
  const held: (readonly number[])[] = Array.from({ length: slots }, () => [])
  const computed: { prompt: readonly number[]; slot: number; tokens: number }[] = []
  const bytes = (ids: readonly number[]) =>
    Buffer.concat(tokenIds(ids).map((id) => upstream.vocabulary.bytes(id)))

  const answer = async (prompt: readonly number[], slot: number, n: number, signal: AbortSignal) => {
    const before = held[slot] ?? []
    let kept = shared(before, prompt)
    if (!goesBack && kept < before.length) kept = 0
    if (forgets) held.fill([])
    held[slot] = prompt
    computed.push({ prompt, slot, tokens: Math.max(1, prompt.length - kept) })
    const query = { prefixes: [unguarded(tokenIds(prompt))], candidates: n, signal }
    const [distribution] = await upstream.distributions(query)
    const top = Array.from(distribution?.ids ?? [], (id, at) => ({
      id,
      logprob: distribution?.logprobs[at],
    }))
    return {
      id_slot: slot,
      model: fake.model,
      completion_probabilities: [{ id: top[0]?.id, top_logprobs: top }],
      timings: { prompt_n: Math.max(1, prompt.length - kept), prompt_ms: 1 },
    }
  }
  const server = await startModelServer(async ({ path, body, signal }) => {
    if (instead !== null) return instead(path)
    switch (path) {
      case '/props':
        return {
          json: {
            total_slots: slots,
            default_generation_settings: { n_ctx: upstream.limits.contextTokens },
            model_path: modelPath,
          },
        }
      case '/v1/models':
        return { json: { data: [{ id: fake.model, meta: { n_vocab: upstream.vocabulary.size } }] } }
      case '/tokenize':
        return { json: { tokens: tokenizer.encode(z.object({ content: z.string() }).parse(body).content) } }
      case '/detokenize': {
        const { tokens } = z.object({ tokens: z.array(z.number()) }).parse(body)
        return { json: { content: new TextDecoder().decode(bytes(tokens)) } }
      }
      default: {
        const { prompt, id_slot: pinned, n_probs: n } = completion.parse(body)
        const free = new Set(held.keys())
        const answers = []
        for (const [index, one] of listOf(prompt).entries()) {
          const slot = pinned ?? likest(held, free, one)
          free.delete(slot)
          answers.push({ index, ...(await answer(one, slot, n, signal)) })
          // Requests of both streams take turns.
          await sleep(0)
        }
        return { json: answers.length === 1 ? answers[0] : answers }
      }
    }
  })
  const fake = {
    ...server,
    computed,
    model: 'next-door',
    answers(reply: typeof instead) {
      instead = reply
    },
    occupy(slot: number, tokens: readonly number[]) {
      held[slot] = tokens
    },
  }
  return fake
}

function listOf(prompt: readonly number[] | readonly (readonly number[])[]): (readonly number[])[] {
  return Array.isArray(prompt[0]) ? (prompt as number[][]) : [prompt as number[]]
}

function likest(held: readonly (readonly number[])[], free: ReadonlySet<number>, prompt: readonly number[]) {
  return [...free].reduce((best, slot) =>
    shared(held[slot] ?? [], prompt) > shared(held[best] ?? [], prompt) ? slot : best,
  )
}

function shared(held: readonly number[], prompt: readonly number[]): number {
  let count = 0
  while (count < Math.min(held.length, prompt.length) && held[count] === prompt[count]) count++
  return count
}
