import { anthropicError } from './anthropic-error.ts'
import type { ErrorEnvelope } from './error-schema.ts'
import { ollamaError } from './ollama-error.ts'

/** Whether the clients of a path, from `/v1` on, are Anthropic's. */
export function isAnthropicPath(path: string): boolean {
  return /^\/v1\/messages(\/|$)/.test(path)
}

/** Whether the clients of a path are Ollama's. */
function isOllamaPath(path: string): boolean {
  return /^\/api(\/|$)/.test(path)
}

/** A failure's body as the clients of that path read it. */
export function errorBody(path: string, envelope: ErrorEnvelope): object {
  if (isOllamaPath(path)) return ollamaError(envelope)
  return isAnthropicPath(path) ? anthropicError(envelope) : envelope
}
