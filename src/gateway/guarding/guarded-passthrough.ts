import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../../gateway-error.ts'
import type { Guard } from '../../guard/guard.ts'
import { guarded } from '../../guard/public.ts'
import { isEventStream, isJson } from '../../upstream/passthrough/passed-body.ts'
import type { PassedReply, PassedRequest, Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { maskedStrings, restoredStrings } from './masked-strings.ts'
import { RestoredEvents } from './restored-events.ts'

/**
 * The same server, which reads aliases in what is passed on to it; its replies have the real values again.
 * `guardOf` makes the guard of a request that holds `sent`; null where nothing is private. Of forms the
 * fields are masked, not the files. Rejects with `invalid_request` where a private value cannot be masked.
 */
export function guardedPassthrough(
  passthrough: Passthrough,
  guardOf: (sent: unknown) => Guard | null,
): Passthrough {
  return {
    async forward(request) {
      const said = sentContent(request.body, () => true)
      const guard = guardOf(said)
      if (guard === null) return passthrough.forward(request)
      guarded(decoded(request.path), guard)
      checkEncoding(request)
      checkTokens(said)
      const headers = maskedHeaders(request.headers, guard)
      const body = maskedBody(request.body, guard)
      const reply = await passthrough.forward({ ...request, headers, body })
      return restoredReply(reply, guard)
    },
    close: () => passthrough.close(),
  }
}

/** Such as a key that a client made up of a name. */
function maskedHeaders(headers: PassedRequest['headers'], guard: Guard): Headers {
  return new Headers([...headers].map(([name, value]): [string, string] => [name, guard.mask(value)]))
}

/** What a body says. Of numbers that lose digits when they are parsed, those `asText` keep them so. */
function sentContent(body: PassedRequest['body'], asText: (digits: string) => boolean): unknown {
  if (body === null) return ''
  if (body instanceof FormData) return [...body.values()].filter((value) => typeof value === 'string')
  const text = new TextDecoder().decode(body)
  try {
    return JSON.parse(LONG_DIGITS.test(text) ? withLongNumbers(text, asText) : text)
  } catch {
    return text
  }
}

const LONG_DIGITS = /\d{16}/
const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

function withLongNumbers(json: string, asText: (digits: string) => boolean): string {
  const isLong = (token: string) => /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
  return json.replace(JSON_TOKENS, (token) => (isLong(token) && asText(token) ? `"${token}"` : token))
}

/** Some servers read JSON in UTF-16 too, in which names stand otherwise. */
function checkEncoding({ body, headers }: PassedRequest): void {
  if (!(body instanceof Uint8Array) || !isJson(headers.get('content-type') ?? '')) return
  if (isUtf8(body) && !body.includes(0)) return
  const message =
    'The request was held back: its JSON is not in UTF-8, and the private values of the profile cannot be found in it. Send it in UTF-8.'
  throw new GatewayError('invalid_request', message)
}

/** What servers call texts that clients have encoded themselves. */
const tokenFields = ['prompt', 'input', 'tokens', 'token_ids', 'prompt_token_ids']

/** Nobody can tell what tokens say without knowing whose they are. */
function checkTokens(content: unknown): void {
  if (typeof content !== 'object' || content === null) return
  const field = tokenFields.find((name) => isTokens((content as Record<string, unknown>)[name]))
  if (field === undefined) return
  const message = `The request was held back: its ${field} is given in token ids, in which the private values of the profile cannot be found. Send text (LangChain's embeddings do with check_embedding_ctx_length=False), or name no profile with x-costeer-profile: none.`
  throw new GatewayError('invalid_request', message, { param: field })
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.some((one) => Number.isInteger(one) || isTokens(one))
}

function maskedBody(body: PassedRequest['body'], guard: Guard): PassedRequest['body'] {
  if (body === null) return null
  if (body instanceof FormData) {
    const masked = new FormData()
    for (const [name, value] of body) {
      const field = guard.mask(name)
      if (typeof value === 'string') masked.append(field, guard.mask(value))
      else masked.append(field, new Blob([value], { type: guard.mask(value.type) }), guard.mask(value.name))
    }
    return masked
  }
  const sent = sentContent(body, (digits) => guard.holdsPrivate(digits))
  const masked = maskedStrings(sent, guard)
  const isSame = JSON.stringify(masked) === JSON.stringify(sent)
  // Where nothing is private, every byte stays. A key that stands there twice is read once
  if (isSame && !hasKeysTwice(body, sent)) return body
  return Buffer.from(typeof masked === 'string' ? masked : JSON.stringify(masked))
}

/** Whether an object of a JSON text names a key twice, of which the first value was not read. */
function hasKeysTwice(body: Uint8Array, content: unknown): boolean {
  if (typeof content !== 'object') return false
  let written = 0
  for (const [, colon] of new TextDecoder().decode(body).matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    if (colon !== undefined) written++
  }
  return written > keysOf(content)
}

function keysOf(content: unknown): number {
  if (typeof content !== 'object' || content === null) return 0
  const inner = Object.values(content).reduce<number>((sum, one) => sum + keysOf(one), 0)
  return inner + (Array.isArray(content) ? 0 : Object.keys(content).length)
}

function restoredReply(reply: PassedReply, guard: Guard): PassedReply {
  const type = reply.headers['content-type'] ?? ''
  if (reply.body === null) return reply
  if (isEventStream(type)) return { ...reply, body: restoredStream(reply.body, new RestoredEvents(guard)) }
  if (isJson(type)) return { ...reply, body: restoredJson(reply.body, guard) }
  return /^text\//i.test(type) ? { ...reply, body: restoredStream(reply.body, guard.restored()) } : reply
}

async function* restoredStream(
  pieces: AsyncIterable<Uint8Array>,
  stream: { push(text: string): string; flush(): string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const piece of pieces) {
    const text = stream.push(decoder.decode(piece, { stream: true }))
    if (text !== '') yield Buffer.from(text)
  }
  const rest = stream.push(decoder.decode()) + stream.flush()
  if (rest !== '') yield Buffer.from(rest)
}

async function* restoredJson(
  pieces: AsyncIterable<Uint8Array>,
  guard: Guard,
): AsyncGenerator<Uint8Array, void, undefined> {
  const held: Uint8Array[] = []
  for await (const piece of pieces) held.push(piece)
  const bytes = Buffer.concat(held)
  try {
    const content: unknown = JSON.parse(bytes.toString())
    const restored = restoredStrings(content, guard)
    const isSame = JSON.stringify(restored) === JSON.stringify(content)
    yield isSame ? bytes : Buffer.from(JSON.stringify(restored))
  } catch {
    yield bytes
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
