import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../../gateway-error.ts'
import type { Guard } from '../../guard/guard.ts'
import { guarded } from '../../guard/public.ts'
import { jsonValue } from '../../json-value.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import { isEventStream, isJson } from '../../upstream/passthrough/passed-body.ts'
import type { PassedReply, PassedRequest, Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { runInSlices } from '../../work-slices.ts'
import { maskedStrings, restoredStrings } from './masked-strings.ts'
import { RestoredEvents } from './restored-events.ts'

/**
 * The same server, which reads aliases in what is passed on to it; its replies have the real values again.
 * `guardOf` makes the guard of a request that holds `sent`; null where nothing is private. Of forms the
 * fields are masked, not the files. Rejects with `invalid_request` where a private value cannot be masked.
 */
export function guardedPassthrough(
  passthrough: Passthrough,
  guardOf: (sent: unknown) => SlicedWork<Guard | null>,
): Passthrough {
  return {
    async forward(request) {
      const masked = await runInSlices(maskedRequest(request, guardOf), request.signal)
      if (masked === null) return passthrough.forward(request)
      const reply = await passthrough.forward({ ...request, ...masked.sent })
      return restoredReply(reply, masked.guard)
    },
    close: () => passthrough.close(),
  }
}

interface MaskedRequest {
  readonly sent: Pick<PassedRequest, 'headers' | 'body'>
  readonly guard: Guard
}

/** Null where nothing is private. */
function* maskedRequest(
  request: PassedRequest,
  guardOf: (sent: unknown) => SlicedWork<Guard | null>,
): SlicedWork<MaskedRequest | null> {
  const said = yield* sentContent(request.body, () => true)
  const guard = yield* guardOf(said)
  if (guard === null) return null
  yield* guarded(decoded(request.path), guard)
  checkEncoding(request)
  checkTokens(said)
  const headers = maskedHeaders(request.headers, guard)
  return { sent: { headers, body: yield* maskedBody(request.body, guard) }, guard }
}

/** Such as a key that a client made up of a name. */
function maskedHeaders(headers: PassedRequest['headers'], guard: Guard): Headers {
  return new Headers([...headers].map(([name, value]): [string, string] => [name, guard.mask(value)]))
}

/** What a body says. Of numbers that lose digits when they are parsed, those `asText` keep them so. */
function* sentContent(body: PassedRequest['body'], asText: (digits: string) => boolean): SlicedWork<unknown> {
  if (body === null) return ''
  if (body instanceof FormData) return [...body.values()].filter((value) => typeof value === 'string')
  const text = new TextDecoder().decode(body)
  yield
  const json = LONG_DIGITS.test(text) ? yield* withLongNumbers(text, asText) : text
  yield
  try {
    return JSON.parse(json)
  } catch {
    return text
  }
}

const LONG_DIGITS = /\d{16}/
/** So many are read at a time, or one that is long. */
const TOKENS = 100
const LONG_TOKEN = 10_000
const JSON_TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g

function* withLongNumbers(json: string, asText: (digits: string) => boolean): SlicedWork<string> {
  const isLong = (token: string) => /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
  let written = ''
  let from = 0
  let read = 0
  for (const { index, 0: token } of json.matchAll(JSON_TOKENS)) {
    if (isLong(token) && asText(token)) {
      written += `${json.slice(from, index)}"${token}"`
      from = index + token.length
    }
    if (++read % TOKENS === 0 || token.length > LONG_TOKEN) yield
  }
  return written + json.slice(from)
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

function* maskedBody(body: PassedRequest['body'], guard: Guard): SlicedWork<PassedRequest['body']> {
  if (body === null) return null
  if (body instanceof FormData) {
    const masked = new FormData()
    for (const [name, value] of body) {
      const field = yield* guard.masking(name)
      if (typeof value === 'string') masked.append(field, yield* guard.masking(value))
      else masked.append(field, new Blob([value], { type: guard.mask(value.type) }), guard.mask(value.name))
    }
    return masked
  }
  const sent = yield* sentContent(body, (digits) => guard.holdsPrivate(digits))
  const masked = yield* maskedStrings(sent, guard)
  yield
  const written = JSON.stringify(masked)
  yield
  const isSame = written === JSON.stringify(sent)
  yield
  // Where nothing is private, every byte stays. A key that stands there twice is read once
  if (isSame && !(yield* hasKeysTwice(body, sent))) return body
  return Buffer.from(typeof masked === 'string' ? masked : written)
}

/** Whether an object of a JSON text names a key twice, of which the first value was not read. */
function* hasKeysTwice(body: Uint8Array, content: unknown): SlicedWork<boolean> {
  if (typeof content !== 'object') return false
  let written = 0
  let read = 0
  for (const [text, colon] of new TextDecoder().decode(body).matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)) {
    if (colon !== undefined) written++
    if (++read % TOKENS === 0 || text.length > LONG_TOKEN) yield
  }
  return written > (yield* keysOf(content))
}

function* keysOf(content: unknown): SlicedWork<number> {
  if (typeof content !== 'object' || content === null) return 0
  let keys = Array.isArray(content) ? 0 : Object.keys(content).length
  for (const one of Object.values(content)) {
    if (typeof one === 'object') keys += yield* keysOf(one)
  }
  yield
  return keys
}

function restoredReply(reply: PassedReply, guard: Guard): PassedReply {
  const type = reply.headers['content-type'] ?? ''
  if (reply.body === null) return reply
  if (isEventStream(type)) {
    const events = new RestoredEvents(guard)
    const restored = (text: string) => events.pushing(text)
    return { ...reply, body: restoredStream(reply.body, { pushing: restored, flush: () => events.flush() }) }
  }
  if (isJson(type)) return { ...reply, body: restoredJson(reply.body, guard) }
  return /^text\//i.test(type) ? { ...reply, body: restoredStream(reply.body, guard.restored()) } : reply
}

async function* restoredStream(
  pieces: AsyncIterable<Uint8Array>,
  stream: { pushing(text: string): SlicedWork<string>; flush(): string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const piece of pieces) {
    const text = await runInSlices(stream.pushing(decoder.decode(piece, { stream: true })))
    if (text !== '') yield Buffer.from(text)
  }
  const rest = (await runInSlices(stream.pushing(decoder.decode()))) + stream.flush()
  if (rest !== '') yield Buffer.from(rest)
}

async function* restoredJson(
  pieces: AsyncIterable<Uint8Array>,
  guard: Guard,
): AsyncGenerator<Uint8Array, void, undefined> {
  const held: Uint8Array[] = []
  for await (const piece of pieces) held.push(piece)
  yield await runInSlices(restoredBody(Buffer.concat(held), guard))
}

function* restoredBody(bytes: Buffer, guard: Guard): SlicedWork<Uint8Array> {
  const content = jsonValue(bytes.toString())
  if (content === undefined) return bytes
  yield
  const restored = JSON.stringify(yield* restoredStrings(content, guard))
  yield
  const isSame = restored === JSON.stringify(content)
  yield
  return isSame ? bytes : Buffer.from(restored)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
