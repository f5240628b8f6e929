import { z } from 'zod'
import type { CompletionPosition } from '../completions/replies.ts'

/** Its `bytes` are made of the text, so that they say no more: parts of characters are U+FFFD there too. */
const named = z.object({ token: z.string() })

const position = named
  .extend({ top_logprobs: z.array(named.extend({ logprob: z.number().nullable() })).nullish() })
  .transform(
    ({ token, top_logprobs: top }): CompletionPosition => ({
      token: { text: token },
      top: (top ?? []).map((entry) => ({
        token: { text: entry.token },
        logprob: entry.logprob ?? Number.NEGATIVE_INFINITY,
      })),
    }),
  )

/** A reply of /api/generate, or a line of its stream. */
export const generated = z.object({
  response: z.string().default(''),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nullish(),
  /** Tokens that were made, whether or not they have a text. */
  eval_count: z.int().nullish(),
  /** None of tokens without a text of their own: the end token, and parts of characters. */
  logprobs: z.array(position).nullish(),
})
export type Generated = z.infer<typeof generated>

/** /api/tags: models that were pulled or imported. */
export const tags = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      /** Of what it is: copies have it in common. */
      digest: z.string().nullish(),
      /** Where a model of somebody's cloud runs. */
      remote_host: z.string().nullish(),
      capabilities: z.array(z.string()).nullish(),
    }),
  ),
})

/** /api/ps: models that are loaded; of copies only the one that was asked for first. */
export const loaded = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      digest: z.string().nullish(),
      context_length: z.int().min(1).nullish(),
    }),
  ),
})

/** /api/chat with `_debug_render_only`. */
export const rendered = z.object({
  _debug_info: z.object({ rendered_template: z.string() }),
})
