import { z } from 'zod'
import { tokenProbability } from '../upstream/llama-cpp/replies.ts'

/** A finished answer of `/completion`, as far as a stream of the local pair reads it. */
const streamReply = z.object({
  index: z.number().nullish(),
  id_slot: z.number().nullish(),
  model: z.string().nullish(),
  completion_probabilities: z.array(tokenProbability).nullish(),
  timings: z.object({ prompt_n: z.number().int().min(0) }).nullish(),
})
export type StreamReply = z.infer<typeof streamReply>

/** One answer for each prompt; a list of one prompt is answered without the list. */
export const streamReplies = z
  .union([z.array(streamReply), streamReply])
  .transform((reply): readonly StreamReply[] => [reply].flat())

/** Cuts the reply down to what is read: without it every answer repeats the prompt. */
export const replyFields = ['index', 'id_slot', 'model', 'completion_probabilities', 'timings']
