import { z } from 'zod'
import { chatPositions } from '../completions/replies.ts'

const choice = z.object({
  logprobs: chatPositions.nullish(),
  finish_reason: z.string().nullish(),
})

const usage = z
  .object({
    prompt_tokens: z.number().int().min(0),
  })
  .nullish()

/** A reply in one piece. */
export const chatReply = z.object({
  choices: z.array(choice.extend({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage,
})
export type ChatReply = z.infer<typeof chatReply>

/** One event of a stream; the last may have no choice. */
export const chatEvent = z.object({ choices: z.array(choice) })

export const models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: z.number().int().min(1).nullish(),
      context_length: z.number().int().min(1).nullish(),
      meta: z.object({ n_ctx: z.number().int().min(1).nullish() }).nullish(),
    }),
  ),
})
