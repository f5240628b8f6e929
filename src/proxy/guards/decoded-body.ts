import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { MiddlewareHandler } from 'hono'
import { codingsOf, MAX_CODINGS } from '../../upstream/http/reply-bytes.ts'
import { isJson } from '../../upstream/passthrough/passed-body.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppContext, AppEnv } from '../request/app-env.ts'
import type { BodyLimit } from './body-limit.ts'

/** Undoes a coding; rejects with the code ERR_BUFFER_TOO_LARGE beyond `maxOutputLength`. */
type Decode = (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>

const decoders = new Map<string, Decode>([
  ['gzip', promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)],
  ['x-gzip', promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)],
  ['deflate', (bytes, options) => inflateOf(bytes)(bytes, options)],
  ['br', promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)],
  ...zstd(),
])

/**
 * Gives the routes, and whatever server a body is passed on to, a body without `content-encoding`,
 * and JSON in UTF-8. Refuses codings and charsets that cannot be undone (415), bodies that are not
 * what their headers say (400), and those that are too large once they are unpacked (413).
 */
export function decodedBody(limitOf: BodyLimit): MiddlewareHandler<AppEnv> {
  return async function decodeBody(c, next) {
    const codings = codingsOf(c.req.header('content-encoding') ?? '')
    const contentType = c.req.header('content-type') ?? ''
    const hasBody = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (hasBody && (codings.length > 0 || isJson(contentType))) {
      const received = await receivedBytes(c)
      const unpacked =
        received.length === 0 ? received : await unpackedBytes(received, codings, limitOf(c.req.path))
      const body = isJson(contentType) ? inUtf8(unpacked, charsetOf(contentType)) : unpacked
      if (body !== received) replaceBody(c, body, body === unpacked ? contentType : 'application/json')
    }
    await next()
  }
}

async function receivedBytes(c: AppContext): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await c.req.arrayBuffer())
  } catch {
    throw new ProxyError('malformed_request', 'The request body ended before it was complete.')
  }
}

async function unpackedBytes(
  packed: Uint8Array<ArrayBuffer>,
  codings: readonly string[],
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = packed
  for (const coding of codings.toReversed()) {
    const decode = codings.length > MAX_CODINGS ? undefined : decoders.get(coding)
    if (decode === undefined) {
      const message = `This content-encoding is not supported. Send the body as it is, or as one of ${[...decoders.keys()].join(', ')}.`
      throw new ProxyError('unsupported_media_type', message)
    }
    bytes = await decode(bytes, { maxOutputLength: maxBytes }).then(
      (buffer) => new Uint8Array(buffer),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_BUFFER_TOO_LARGE') {
          const message = `The request body is larger than ${maxBytes} bytes (server.body_limit_bytes, unless the URL takes more) once it is unpacked.`
          throw new ProxyError('request_too_large', message)
        }
        throw new ProxyError('malformed_request', 'The request body is not what its content-encoding says.')
      },
    )
  }
  return bytes
}

/** Clients write `deflate` with and without the header of zlib. */
function inflateOf([first = 0, second = 0]: Uint8Array): Decode {
  const hasHeader = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
  return promisify<Uint8Array, zlib.ZlibOptions, Buffer>(hasHeader ? zlib.inflate : zlib.inflateRaw)
}

/** Node has it from 22.15 on. */
function zstd(): [string, Decode][] {
  const { zstdDecompress } = zlib as { readonly zstdDecompress?: typeof zlib.gunzip }
  if (zstdDecompress === undefined) return []
  return [['zstd', promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zstdDecompress)]]
}

function charsetOf(contentType: string): string {
  const charset = contentType.match(/;\s*charset\s*=\s*"?([^\s;"]+)/i)?.[1]?.toLowerCase() ?? 'utf-8'
  return charset === 'us-ascii' || charset === 'ascii' ? 'utf-8' : charset
}

/** The same bytes where they are UTF-8 already. */
function inUtf8(bytes: Uint8Array<ArrayBuffer>, charset: string): Uint8Array<ArrayBuffer> {
  const decoder = decoderOf(charset)
  try {
    if (decoder.encoding === 'utf-8' && isUtf8(bytes)) return bytes
    return new TextEncoder().encode(decoder.decode(bytes))
  } catch {
    const message = `The request body is not ${decoder.encoding.toUpperCase()}. Send it in UTF-8, or name its charset in the content-type.`
    throw new ProxyError('malformed_request', message)
  }
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    const message = 'The charset of the content-type is not supported. Send the body in UTF-8.'
    throw new ProxyError('unsupported_media_type', message)
  }
}

function replaceBody(c: AppContext, body: Uint8Array<ArrayBuffer>, contentType: string): void {
  const { method, url, signal, headers: received } = c.req.raw
  const headers = new Headers(received)
  headers.delete('content-encoding')
  headers.set('content-length', String(body.length))
  if (contentType !== '') headers.set('content-type', contentType)
  c.req.raw = new Request(url, { method, headers, body, signal })
  c.req.bodyCache = {}
}
