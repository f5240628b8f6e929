import { z } from 'zod'

const choice = z.object({
  index: z.number().int().min(0),
  token_ids: z.array(z.number()).nullish(),
  finish_reason: z.string().nullish(),
  logprobs: z
    .object({
      /** One record for each token, keyed by `token_id:N`; checked entry by entry where it is read. */
      top_logprobs: z.array(z.custom<object>((value) => typeof value === 'object').nullable()).nullish(),
    })
    .nullish(),
})
export type CompletionChoice = z.infer<typeof choice>

export const completion = z.object({ choices: z.array(choice) })

export const models = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.number().int().min(1).nullish() })),
})

export const tokenized = z.object({ tokens: z.array(z.number()) })
export const detokenized = z.object({ prompt: z.string() })

const PREFIX = 'token_id:'

/** The id in a key such as `token_id:42`; undefined when the server named the token by its text. */
export function keyedTokenId(key: string): number | undefined {
  return key.startsWith(PREFIX) ? Number(key.slice(PREFIX.length)) : undefined
}
