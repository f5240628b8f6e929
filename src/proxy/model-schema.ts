import { z } from '@hono/zod-openapi'
import type { ModelCard } from '../gateway/gateway.ts'

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().describe('Unix seconds.'),
    owned_by: z.string(),
  })
  .openapi('Model')

export const modelListSchema = z
  .object({ object: z.literal('list'), data: z.array(modelSchema) })
  .openapi('ModelList')

export function wireModel({ id, created }: ModelCard): z.infer<typeof modelSchema> {
  return {
    id,
    object: 'model',
    created,
    owned_by: 'costeer',
  }
}
