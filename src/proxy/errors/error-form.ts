import { anthropicError } from './anthropic-error.ts'
import type { ErrorEnvelope } from './error-schema.ts'

/** Whether the clients of a path, from `/v1` on, are Anthropic's. */
export function isAnthropicPath(path: string): boolean {
  return /^\/v1\/messages(\/|$)/.test(path)
}

/** A failure's body as the clients of that path read it. */
export function errorBody(path: string, envelope: ErrorEnvelope): object {
  return isAnthropicPath(path) ? anthropicError(envelope) : envelope
}
