import { z } from '@hono/zod-openapi'

/** One server-sent event whose data is JSON as the component `name` describes it. */
export function eventSchema(name: string) {
  const json = {
    contentMediaType: 'application/json',
    contentSchema: { $ref: `#/components/schemas/${name}` },
  }
  const description = `JSON: ${name}, or an error. Streams of chunks end with \`[DONE]\` when they are complete.`
  return z.object({ event: z.string().optional(), data: z.string().openapi({ description, ...json }) })
}
