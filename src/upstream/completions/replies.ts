import { z } from 'zod'
import type { NamedToken } from './text-tokens.ts'

const byKey = z.array(z.record(z.string(), z.number().nullable()).nullable())

/** The field's own shape: dictionaries keyed by text, and at text-generation-webui also by id. */
const legacyLogprobs = z.object({
  tokens: z.array(z.string()),
  top_logprobs: byKey,
  top_logprobs_ids: byKey.nullish(),
})

const named = z.object({
  token: z.string(),
  bytes: z.array(z.number().int().min(0).max(255)).nullish(),
  id: z.number().int().min(0).nullish(),
})
const top = named.extend({ logprob: z.number().nullable() })
/** The chat shape, which some servers use here as well. */
const chatLogprobs = z.object({ content: z.array(named.extend({ top_logprobs: z.array(top) })) })

export interface CompletionPosition {
  readonly token: NamedToken
  readonly top: readonly { readonly token: NamedToken; readonly logprob: number }[]
}

function number(logprob: number | null): number {
  return logprob ?? Number.NEGATIVE_INFINITY
}

/** The positions of a reply of the chat API. */
export const chatPositions = chatLogprobs.transform(({ content }): CompletionPosition[] =>
  content.map((entry) => ({
    token: { text: entry.token, bytes: entry.bytes, id: entry.id },
    top: entry.top_logprobs.map(({ token, bytes, id, logprob }) => ({
      token: { text: token, bytes, id },
      logprob: number(logprob),
    })),
  })),
)

const positions = z.union([
  chatPositions,
  legacyLogprobs.transform(({ tokens, top_logprobs: tops, top_logprobs_ids: ids }): CompletionPosition[] =>
    tokens.map((text, at) => ({ token: { text }, top: keyedCandidates(tops[at] ?? {}, ids?.[at] ?? {}) })),
  ),
])

/**
 * What dictionaries by text and by id hold of one position. Of tokens with one text the first has one for all
 * of them, so that the second counts where there is one; a text is told by its log-probability then.
 */
function keyedCandidates(
  byText: Readonly<Record<string, number | null>>,
  byId: Readonly<Record<string, number | null>>,
): CompletionPosition['top'] {
  const named = Object.entries(byText).map(([text, logprob]) => ({
    token: { text },
    logprob: number(logprob),
  }))
  const ids = Object.entries(byId)
  if (ids.length === 0) return named
  const texts = new Map(named.map(({ token, logprob }) => [logprob, token.text]))
  return ids.map(([id, logprob]) => ({
    token: { text: texts.get(number(logprob)) ?? '\ufffd', id: Number(id) },
    logprob: number(logprob),
  }))
}

export const completion = z.object({
  choices: z.array(
    z.object({
      index: z.number().int().min(0),
      text: z.string().nullish(),
      logprobs: positions.nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number() }).nullish(),
})
export type Completion = z.infer<typeof completion>
/** llama.cpp begins a stream of a list with a null. */
export const completionEvent = completion.nullable()

export const models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: z.number().int().min(1).nullish(),
      meta: z.object({ n_ctx: z.number().int().min(1).nullish() }).nullish(),
    }),
  ),
})
