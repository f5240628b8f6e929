import { z } from '@hono/zod-openapi'

/** Messages of one conversation. */
export const MAX_MESSAGES = 2048

const stopString = z.string().min(1)
const penalty = z.number().min(-2).max(2)

/** Request fields that decide how tokens are picked, with OpenAI's ranges. Null means the default. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish().describe('0 is greedy. Default 1.'),
  top_p: z.number().min(0).max(1).nullish().describe('Default 1.'),
  top_k: z.int().min(-1).nullish().describe('Extension. 0 and -1 mean no limit.'),
  min_p: z.number().min(0).max(1).nullish().describe('Extension. Default 0.'),
  seed: z.int().nullish(),
  presence_penalty: penalty.nullish().describe('Default 0.'),
  frequency_penalty: penalty.nullish().describe('Default 0.'),
  logit_bias: z
    .record(z.string().regex(/^\d{1,9}$/, 'expected token ids as keys'), z.number().min(-100).max(100))
    .refine((bias) => Object.keys(bias).length <= 1024, 'expected at most 1024 tokens')
    .nullish()
    .describe('Token ids, each with nats to add; -100 bans, 100 forces.'),
  stop: z
    .union([stopString, z.array(stopString).max(16)], {
      error: 'expected a non-empty string or an array of at most 16 non-empty strings',
    })
    .nullish(),
  n: z.int().min(1).max(16).nullish().describe('Independent answers. Default 1.'),
}

/** Request fields of every endpoint that streams its answer as chunks. */
export const streamFields = {
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: z.boolean().nullish(),
    })
    .nullish()
    .describe('Needs `stream: true`.'),
}

export const modelField = z
  .string()
  .min(1)
  .max(256)
  .nullish()
  .describe('Missing: the first model of /v1/models.')

export const userField = z.string().max(512).nullish().describe('Configuration may map it to a profile.')

export type WireSampling = {
  readonly [Field in keyof typeof samplingFields]?: z.infer<(typeof samplingFields)[Field]>
}
