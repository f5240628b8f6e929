import { z } from '@hono/zod-openapi'

/**
 * OpenAI's error envelope: the body of every response that is not a success, and of an error inside a stream.
 */
export const errorEnvelopeSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .openapi('Error')

export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>

/** What a route's description says of every response that is no success. */
export const refusalOrFailure = {
  description: 'A refusal or failure.',
  content: { 'application/json': { schema: errorEnvelopeSchema } },
}
