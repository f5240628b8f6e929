import { z } from 'zod'

export const tokenProbability = z.object({
  id: z.number(),
  /** Checked entry by entry where it is read: it can hold the whole vocabulary. */
  top_logprobs: z.custom<readonly unknown[]>(Array.isArray).nullish(),
})

/** A finished answer of `/completion`, or the last event of a stream. */
const completion = z.object({
  index: z.number().nullish(),
  tokens: z.array(z.number()).nullish(),
  completion_probabilities: z.array(tokenProbability).nullish(),
  /** How long the request took; older servers do not tell. */
  timings: z
    .object({ prompt_n: z.number(), prompt_ms: z.number(), predicted_per_token_ms: z.number() })
    .nullish(),
})
/** One answer for each prompt; a list of one prompt is answered without the list. */
export const completions = z.union([z.array(completion), completion]).transform((reply) => [reply].flat())
export type Completion = z.infer<typeof completion>

export const streamEvent = z.object({
  stop: z.boolean().nullish(),
  tokens: z.array(z.number()).nullish(),
  tokens_predicted: z.number(),
  completion_probabilities: z.array(tokenProbability).nullish(),
})
export type StreamEvent = z.infer<typeof streamEvent>

/** A candidate of a reply, not yet checked: undefined where it is none. */
export function topLogprob(entry: unknown): { id: unknown; logprob: unknown } {
  return typeof entry === 'object' && entry !== null && 'id' in entry && 'logprob' in entry
    ? entry
    : { id: undefined, logprob: undefined }
}

export const props = z.object({
  total_slots: z.number().int().min(1),
  default_generation_settings: z.object({ n_ctx: z.number().int().min(1) }),
  chat_template: z.string().nullish(),
  model_path: z.string().nullish(),
})

export const models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      aliases: z.array(z.string()).nullish(),
      meta: z.object({ n_vocab: z.number().int().min(1) }).nullish(),
    }),
  ),
})

export const templated = z.object({ prompt: z.string() })
export const tokenized = z.object({ tokens: z.array(z.number()) })
export const detokenized = z.object({ content: z.string() })
