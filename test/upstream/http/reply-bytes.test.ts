import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { HttpEndpoint } from '../../../src/upstream/http/http-endpoint.ts'
import { listeningServer } from './listening-server.ts'

const schema = z.object({ ok: z.string() })
const { signal } = new AbortController()

async function answerTo(encoding: string, body: Uint8Array) {
  const server = await listeningServer((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding })
    response.end(body)
  })
  const endpoint = new HttpEndpoint({ url: server.url })
  return endpoint.post('/x', {}, schema, signal).finally(() => endpoint.close())
}

describe('a reply that was compressed on its way', () => {
  const json = Buffer.from(JSON.stringify({ ok: 'ja 😀'.repeat(1000) }))

  test.each([
    ['gzip', zlib.gzipSync(json)],
    ['X-GZIP', zlib.gzipSync(json)],
    ['deflate', zlib.deflateSync(json)],
    ['br', zlib.brotliCompressSync(json)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(json))],
    ['identity', json],
    ['', json],
  ])('is read in spite of "%s"', async (encoding, body) => {
    expect(await answerTo(encoding, body)).toEqual(JSON.parse(json.toString()))
  })

  test.each([
    ['zip', json],
    ['gzip, gzip, gzip', zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(json)))],
  ])('is refused with "%s", which cannot be undone', async (encoding, body) => {
    await expect(answerTo(encoding, body)).rejects.toMatchObject({ code: 'upstream_invalid_reply' })
  })

  test.each([
    ['broken off', zlib.gzipSync(json).subarray(0, -12)],
    ['not compressed at all', json],
  ])('is a failure of the server where it is %s', async (_what, body) => {
    await expect(answerTo('gzip', body)).rejects.toMatchObject({ code: 'upstream_unreachable' })
  })

  test('comes event by event, as the server flushes them', async () => {
    const server = await listeningServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const packed = zlib.createGzip()
      packed.pipe(response)
      packed.write('data: {"ok":"first"}\n\n')
      packed.flush()
    })
    const endpoint = new HttpEndpoint({ url: server.url })
    for await (const event of endpoint.events('/x', {}, schema, signal)) {
      expect(event).toEqual({ ok: 'first' })
      break
    }
    await expect.poll(server.brokenOff).toBe(1)
    await endpoint.close()
  })
})
