import { z } from '@hono/zod-openapi'
import type { ErrorEnvelope } from './error-schema.ts'

/** Ollama's errors. `param` and `code` are ours, and clients skip them. */
const ollamaErrorSchema = z
  .object({ error: z.string(), param: z.string().nullable(), code: z.string() })
  .openapi('OllamaError')

/** What a route's description says of every response that is no success. */
export const ollamaRefusal = {
  description: 'A refusal or failure.',
  content: { 'application/json': { schema: ollamaErrorSchema } },
}

/** The same failure in Ollama's form. */
export function ollamaError({
  error: { message, param, code },
}: ErrorEnvelope): z.infer<typeof ollamaErrorSchema> {
  return { error: message, param, code }
}
