import { z } from '@hono/zod-openapi'
import type { AnswerRequest } from '../../../gateway/answer-request.ts'
import { honoured } from './field-table.ts'
import { seedSchema } from './seed.ts'

const MAX_STRENGTH = 20

const profileName = z.string().min(1).max(128)

/** Per-request overrides; OpenAI's clients send them as `extra_body`. */
const costeerSchema = z
  .strictObject({
    profile: profileName.nullish().describe('A profile id, or `none`.'),
    lookahead: z
      .union([z.enum(['auto', 'off']), z.int().min(1).max(64)])
      .nullish()
      .describe('`off` decodes token by token; a number caps the queries in flight.'),
    strength: z.number().min(0).max(MAX_STRENGTH).nullish().describe('c_T: how much the profile counts.'),
    seed: seedSchema.nullish().describe('The same as `seed`, for clients that cannot send that.'),
  })
  .openapi('CosteerOverrides')

/** The field that says which model answers. */
export const modelField = {
  model: honoured(z.string().min(1).max(256), {
    values: 'a name from `/v1/models`',
    default: 'the first of them',
  }),
}

/** Fields that say who asks, and how to steer. */
export const steeringFields = {
  user: honoured(z.string().max(512), { values: 'string; configuration may map it to a profile' }),
  costeer: {
    ...honoured(costeerSchema, {
      values:
        '`{profile, strength, lookahead, seed}`: see [Steering a single request](api.md#steering-a-single-request)',
    }),
    // A description of its own would keep it from being a component of the API's description.
    schema: costeerSchema.nullish(),
  },
}

/** Headers that set the same overrides; the body field wins over them. */
export const steeringHeadersSchema = z.object({
  'x-costeer-profile': profileName.optional(),
  'x-costeer-trace': z.enum(['0', '1']).optional(),
  'x-costeer-strength': z
    .string()
    .regex(/^\d{1,2}(\.\d{1,12})?$/, `expected a number from 0 to ${MAX_STRENGTH}`)
    .refine((text) => Number(text) <= MAX_STRENGTH, `expected a number from 0 to ${MAX_STRENGTH}`)
    .optional(),
})

export type CosteerOverrides = z.infer<typeof costeerSchema>
export type SteeringHeaders = z.infer<typeof steeringHeadersSchema>

/** What a checked request says of itself. */
export interface SteeringWords {
  readonly user?: string | null | undefined
  readonly costeer?: CosteerOverrides | null | undefined
}

/** What a request's other headers say of who sent it. */
interface RequestSender {
  readonly apiKey: string | undefined
  /** What it holds of `profiles.user_headers`. */
  readonly users: readonly string[]
}

/** Who asks, and what the request itself says of steering. The body wins over the headers. */
export function steeringOverrides(
  { user, costeer }: SteeringWords,
  headers: SteeringHeaders,
  { apiKey, users }: RequestSender,
): Pick<AnswerRequest, 'caller' | 'overrides' | 'trace'> {
  const profile = costeer?.profile ?? headers['x-costeer-profile']
  const lookahead = costeer?.lookahead
  const headerStrength = headers['x-costeer-strength']
  const strength = costeer?.strength ?? (headerStrength && Number(headerStrength))
  return {
    caller: {
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(user == null ? {} : { user }),
      ...(users.length === 0 ? {} : { frontEndUsers: users }),
      ...(profile === undefined ? {} : { profile }),
    },
    overrides: {
      ...(typeof strength === 'number' ? { strength } : {}),
      ...(lookahead == null ? {} : { lookahead }),
    },
    trace: headers['x-costeer-trace'] === '1',
  }
}
