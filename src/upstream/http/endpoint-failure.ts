import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { isUnconnected, UnconnectedError } from './unconnected-error.ts'
import { UpstreamRefusal } from './upstream-refusal.ts'

const errorDetails = z.object({
  type: z.string().nullish(),
  param: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  message: z.string().nullish(),
})
const errorEnvelope = z.object({ error: z.union([errorDetails, z.string()]) })
type ErrorDetails = z.infer<typeof errorDetails>

/** What an error reply, or an error inside a stream, says; null when `reply` is none. */
export function errorDetailsOf(reply: unknown): ErrorDetails | null {
  // Every event of a stream is asked, and hardly one is an error
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return null
  const parsed = errorEnvelope.safeParse(reply)
  if (!parsed.success) return null
  return typeof parsed.data.error === 'string' ? { message: parsed.data.error } : parsed.data.error
}

function isOverflow(details: ErrorDetails | null): boolean {
  return (
    details?.type === 'exceed_context_size_error' ||
    details?.param === 'input_tokens' ||
    /context (length|size)/i.test(details?.message ?? '')
  )
}

/** Upstreams quote the request in their messages, so only a short identifier is repeated. */
function reasonOf(details: ErrorDetails | null): string {
  const type = details?.type ?? ''
  return /^[\w.-]{1,64}$/.test(type) ? `, ${type}` : ''
}

function retryAfterOf(header: string | undefined): { retryAfterSeconds?: number } {
  if (header === undefined) return {}
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? { retryAfterSeconds: Math.max(0, Math.ceil(seconds)) } : {}
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return 'Check the API key configured for it.'
  if (status === 404) return "Check its url and its model's name."
  if (status === 429 || status === 503) return 'It is overloaded or still loading: try again later.'
  if (status >= 500) return 'Look at its log.'
  return 'Check that its kind is configured correctly.'
}

/** The GatewayError for a reply with status 400 or above, or for an error inside a stream. */
export function refusal(reply: {
  readonly where: string
  readonly status: number
  readonly details: ErrorDetails | null
  readonly retryAfter?: string | undefined
}): GatewayError {
  const { where, status, details } = reply
  if (isOverflow(details)) {
    return new GatewayError('context_length_exceeded', `${where} cannot hold a prompt of this length.`)
  }
  const what = `${where} refused a request (HTTP ${status}${reasonOf(details)}). ${adviceFor(status)}`
  const retry = status === 429 || status === 503 ? retryAfterOf(reply.retryAfter) : {}
  return new UpstreamRefusal(status, what, { ...retry, said: details?.message ?? null })
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.name : codeOf(error.cause)
}

/**
 * Whether the connection went away under a request before any reply: typical of a kept-alive one that was
 * stale.
 */
export function isStaleConnection(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error))
}

/** `startCommand` starts such a server, where that can be told. */
export function unreachable(where: string, error: unknown, startCommand: string | undefined): GatewayError {
  const code = codeOf(error)
  const start = startCommand === undefined ? 'it' : `it (${startCommand})`
  const message = `${where} cannot be reached (${code}). Start ${start}, or correct its url.`
  return isUnconnected(code)
    ? new UnconnectedError(message)
    : new GatewayError('upstream_unreachable', message)
}

/** The failure of a reply that ended in the middle. */
export function brokenOff(where: string): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    `${where} broke off in the middle of a reply. Look at its log.`,
  )
}

/** The failure of a reply that no server of its kind sends; `what` repeats none of its text. */
export function invalidReply(where: string, what: string): GatewayError {
  return new GatewayError(
    'upstream_invalid_reply',
    `${where} sent ${what}. Check that its kind is configured correctly.`,
  )
}

/** Parses and checks a reply. What fails is named by its path in the reply, never by its content. */
export function checkedReply<T>(schema: z.ZodType<T>, reply: unknown, where: string): T {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.join('.') ?? ''
  throw invalidReply(where, `a reply that is not as expected at "${path}"`)
}

/** Throws GatewayError `upstream_invalid_reply` for what is no JSON. */
export function parsedJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidReply(where, 'a reply that is not JSON')
  }
}
