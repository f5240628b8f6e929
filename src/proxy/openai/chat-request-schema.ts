import { z } from '@hono/zod-openapi'
import { chatMessageSchema } from './chat-message-schema.ts'

const MAX_STRENGTH = 20

const strengthSchema = z.number().min(0).max(MAX_STRENGTH)
const profileNameSchema = z.string().min(1).max(128)

const stopString = z.string().min(1)
const tokenCount = z.int().min(1)

/** Per-request overrides; OpenAI's clients send them as `extra_body`. */
const costeerSchema = z
  .strictObject({
    profile: profileNameSchema.nullish().describe('A profile id, or `none`.'),
    strength: strengthSchema.nullish().describe('c_T: how much the profile counts.'),
    seed: z.int().nullish().describe('The same as `seed`, for clients that cannot send that.'),
  })
  .openapi('CosteerOverrides')

/**
 * The body of POST /v1/chat/completions: the fields that shape a steered answer, with OpenAI's ranges.
 * Null means the default throughout. Fields outside this list are judged by `unsteerable-fields.ts`.
 */
export const chatRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(256).nullish().describe('Missing: the first model of /v1/models.'),
    messages: z.array(chatMessageSchema).min(1),
    temperature: z.number().min(0).max(2).nullish().describe('0 is greedy. Default 1.'),
    top_p: z.number().min(0).max(1).nullish().describe('Default 1.'),
    top_k: z.int().min(-1).nullish().describe('Extension. 0 and -1 mean no limit.'),
    seed: z.int().nullish(),
    n: z.int().min(1).max(16).nullish().describe('Independent answers. Default 1.'),
    max_completion_tokens: tokenCount.nullish(),
    max_tokens: tokenCount.nullish().describe('With both fields, the smaller one holds.'),
    stop: z
      .union([stopString, z.array(stopString).max(16)], {
        error: 'expected a non-empty string or an array of at most 16 non-empty strings',
      })
      .nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish().describe('Needs `logprobs: true`.'),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({
        include_usage: z.boolean().nullish(),
        include_obfuscation: z.boolean().nullish(),
      })
      .nullish()
      .describe('Needs `stream: true`.'),
    user: z.string().max(512).nullish().describe('Configuration may map it to a profile.'),
    costeer: costeerSchema.nullish(),
  })
  .openapi('ChatCompletionRequest')

export type WireChatRequest = z.infer<typeof chatRequestSchema>

/** Headers that set the same overrides; the body field wins over them. */
export const steeringHeadersSchema = z.object({
  'x-costeer-profile': profileNameSchema.optional(),
  'x-costeer-trace': z.enum(['0', '1']).optional(),
  'x-costeer-strength': z
    .string()
    .regex(/^\d{1,2}(\.\d{1,12})?$/, `expected a number from 0 to ${MAX_STRENGTH}`)
    .refine((text) => Number(text) <= MAX_STRENGTH, `expected a number from 0 to ${MAX_STRENGTH}`)
    .optional(),
})

export type SteeringHeaders = z.infer<typeof steeringHeadersSchema>
