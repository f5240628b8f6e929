import { z } from '@hono/zod-openapi'

const MAX_STRENGTH = 20

const strengthSchema = z.number().min(0).max(MAX_STRENGTH)
const profileNameSchema = z.string().min(1).max(128)

/** Per-request overrides; OpenAI's clients send them as `extra_body`. */
export const costeerSchema = z
  .strictObject({
    profile: profileNameSchema.nullish().describe('A profile id, or `none`.'),
    lookahead: z.enum(['auto', 'off']).nullish().describe('`off` decodes token by token.'),
    strength: strengthSchema.nullish().describe('c_T: how much the profile counts.'),
    seed: z.int().nullish().describe('The same as `seed`, for clients that cannot send that.'),
  })
  .openapi('CosteerOverrides')

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

export type CosteerOverrides = z.infer<typeof costeerSchema>
export type SteeringHeaders = z.infer<typeof steeringHeadersSchema>
