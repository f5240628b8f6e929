import { pipeline } from 'node:stream'
import zlib from 'node:zlib'
import type { Dispatcher } from 'undici'
import { invalidReply } from './endpoint-failure.ts'

/** More of them, one within another, have no use but to cost time. */
export const MAX_CODINGS = 2

const decoders = new Map([
  ['gzip', zlib.createGunzip],
  ['x-gzip', zlib.createGunzip],
  ['deflate', zlib.createInflate],
  ['br', zlib.createBrotliDecompress],
])

/**
 * The bytes of a reply without its `content-encoding`, as they come: what stands in front of a server may
 * compress replies, asked or not. Throws `upstream_invalid_reply` for codings that cannot be undone; reading
 * throws where the bytes are not what their coding says.
 */
export function replyBytes(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  where: string,
): AsyncIterable<Uint8Array> {
  const codings = codingsOf([headers['content-encoding'] ?? []].flat().join(','))
  if (codings.length === 0) return body
  const undone = codings.toReversed().map((coding) => {
    const decoder = codings.length > MAX_CODINGS ? undefined : decoders.get(coding)
    if (decoder !== undefined) return decoder()
    throw invalidReply(where, `a reply with a content-encoding that is not supported`)
  })
  // Whoever reads the last stream learns of a failure of any.
  return pipeline([body, ...undone], () => {}) as unknown as AsyncIterable<Uint8Array>
}

/** The codings that a `content-encoding` header names, in the order in which they were applied. */
export function codingsOf(header: string): string[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}
