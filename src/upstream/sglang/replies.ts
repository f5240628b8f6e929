import { z } from 'zod'

/** `[logprob, id, text]`; SGLang's JSON writes -Infinity as null. Checked entry by entry where it is read. */
const entries = z.array(z.custom<readonly unknown[]>(Array.isArray))

export const generated = z.object({
  meta_info: z.object({
    /** From the beginning, also where the lists hold only what is new. */
    completion_tokens: z.number().int().min(0),
    finish_reason: z
      .object({ type: z.string(), message: z.string().nullish(), status_code: z.number().nullish() })
      .nullish(),
    output_token_logprobs: entries.nullish(),
    output_top_logprobs: z.array(entries.nullable()).nullish(),
  }),
})
export type Generated = z.infer<typeof generated>

/** One answer for each prompt; some versions answer a list of one prompt without the list. */
export const batch = z.union([z.array(generated), generated]).transform((reply) => [reply].flat())

export const models = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.number().int().min(1).nullish() })),
})
export const modelInfo = z.object({ is_generation: z.boolean().nullish() })
export const serverInfo = z.object({
  context_length: z.number().int().min(1).nullish(),
  max_req_input_len: z.number().int().min(1).nullish(),
  max_total_num_tokens: z.number().int().min(1).nullish(),
})

export const tokenized = z.object({ tokens: z.array(z.number()) })
export const detokenized = z.object({ text: z.string() })
export const chatUsage = z.object({ usage: z.object({ prompt_tokens: z.number() }) })
