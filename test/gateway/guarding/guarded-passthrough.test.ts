import { describe, expect, test } from 'vitest'
import { guardedPassthrough } from '../../../src/gateway/guarding/guarded-passthrough.ts'
import type { PassedRequest, Passthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { sampleGuard } from './sample-guard.ts'

const { guard, real, masked } = sampleGuard()

/** A server that repeats what it was sent. */
function echo(contentType: string) {
  const seen: PassedRequest[] = []
  const server: Passthrough = {
    async forward(request) {
      seen.push(request)
      const body = request.body as Uint8Array
      return { status: 200, headers: { 'content-type': contentType }, body: piecesOf(body) }
    },
    close: async () => {},
  }
  // biome-ignore lint/correctness/useYield: work that is done at once
  const guardOf = function* known() {
    return guard
  }
  return { seen, server: guardedPassthrough(server, guardOf) }
}

async function* piecesOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 7) yield body.subarray(at, at + 7)
}

function request(body: PassedRequest['body'], path = '/v1/embeddings'): PassedRequest {
  const signal = new AbortController().signal
  return { method: 'POST', path, headers: new Headers(), body, model: null, streamed: false, signal }
}

async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const held: Uint8Array[] = []
  for await (const piece of body ?? []) held.push(piece)
  return Buffer.concat(held).toString()
}

describe('a request that is passed on', () => {
  test('reaches the server with aliases, and its reply the client with real values', async () => {
    const { seen, server } = echo('application/json')
    const sent = { input: [real, { nested: JSON.stringify({ to: 'Noor' }) }], n: 1 }
    const reply = await server.forward(request(Buffer.from(JSON.stringify(sent))))
    const body = Buffer.from(seen[0]?.body as Uint8Array).toString()
    expect(body).toContain(JSON.stringify(masked).slice(1, -1))
    expect(guard.holdsPrivate(body)).toBe(false)
    expect(JSON.parse(await textOf(reply.body))).toEqual(sent)
  })

  test('reaches it byte for byte where nothing is private', async () => {
    const { seen, server } = echo('application/json')
    const body = Buffer.from('{ "input" : "moss",\n "n": 1.0 }')
    await server.forward(request(body))
    expect(seen[0]?.body).toBe(body)
  })

  test("keeps a call's arguments as they are written, both ways, where nothing in them is private", async () => {
    const { seen, server } = echo('application/json')
    const body = Buffer.from(JSON.stringify({ function: { name: 'f', arguments: '{"city": "Oslo"}' } }))
    const reply = await server.forward(request(body))
    expect(seen[0]?.body).toBe(body)
    expect(await textOf(reply.body)).toBe(body.toString())
  })

  test.each([
    '{"to": "Noor"}',
    '{"to": "\\u004eoor"}',
    '{"to": "Noor", "to": "moss"}',
    '{"to":"\\u004eoor","to":"moss"}',
  ])('sends no private value in the arguments %s', async (written) => {
    const { seen, server } = echo('application/json')
    await server.forward(request(Buffer.from(JSON.stringify({ arguments: written }))))
    const sent = JSON.parse(Buffer.from(seen[0]?.body as Uint8Array).toString()) as { arguments: string }
    expect(guard.holdsPrivate(sent.arguments)).toBe(false)
    expect(sent.arguments).not.toMatch(/Noor|u004eoor/)
  })

  test('keeps its numbers private, and numbers', async () => {
    const { seen, server } = echo('application/json')
    const sent =
      '{"to": 442079460958, "arguments": "{\\"who\\":\\"Noor\\",\\"phone\\":442079460958}", "n": 20}'
    const reply = await server.forward(request(Buffer.from(sent)))
    const body = Buffer.from(seen[0]?.body as Uint8Array).toString()
    expect(body).toMatch(/^\{"to":\d{12},"arguments":"\{\\"who\\":\\"\w+\\",\\"phone\\":\d{12}\}","n":20\}$/)
    expect(guard.holdsPrivate(body)).toBe(false)
    expect(JSON.parse(await textOf(reply.body))).toEqual(JSON.parse(sent))
  })

  test('keeps numbers private of which a parser loses digits', async () => {
    const { seen, server } = echo('application/json')
    await server.forward(request(Buffer.from('{"card": 6304000000000000000, "other": 9007199254740993}')))
    const body = Buffer.from(seen[0]?.body as Uint8Array).toString()
    expect(body).not.toContain('6304')
    expect(body).toMatch(/^\{"card":"\d{19}","other":\d+\}$/)
  })

  test('hides no value in a key that stands there twice', async () => {
    const { seen, server } = echo('application/json')
    await server.forward(request(Buffer.from('{"input":"Noor","input":"moss"}')))
    expect(Buffer.from(seen[0]?.body as Uint8Array).toString()).toBe('{"input":"moss"}')
  })

  test('keeps its files as they are, both ways', async () => {
    const { seen, server } = echo('application/json')
    const image = `data:image/png;base64,${Buffer.alloc(600, 1).toString('base64')}/Noor/`
    const body = Buffer.from(JSON.stringify({ image, n: 1 }, null, 1))
    const reply = await server.forward(request(body))
    expect(seen[0]?.body).toBe(body)
    expect(await textOf(reply.body)).toBe(body.toString())
  })

  test('as plain text is masked and restored in pieces', async () => {
    const { seen, server } = echo('text/plain')
    const reply = await server.forward(request(Buffer.from(real)))
    expect(Buffer.from(seen[0]?.body as Uint8Array).toString()).toBe(masked)
    expect(await textOf(reply.body)).toBe(real)
  })

  test('is masked in what its headers say', async () => {
    const { seen, server } = echo('text/plain')
    const headers = new Headers({ 'content-type': 'text/plain', 'idempotency-key': 'noor-7' })
    await server.forward({ ...request(Buffer.from('moss')), headers })
    expect(seen[0]?.headers.get('content-type')).toBe('text/plain')
    expect(seen[0]?.headers.get('idempotency-key')).toBe(guard.mask('noor-7'))
  })

  test('as a form is masked in its fields and the names of its files', async () => {
    const { seen, server } = echo('application/octet-stream')
    const form = new FormData()
    form.set('prompt', real)
    form.set('file', new Blob(['abc']), 'Noor.wav')
    await server.forward(request(form)).catch(() => {})
    const sent = seen[0]?.body as FormData
    expect(sent.get('prompt')).toBe(masked)
    expect((sent.get('file') as File).name).toBe(`${guard.mask('Noor')}.wav`)
    expect(await (sent.get('file') as File).text()).toBe('abc')
  })

  test.each([
    ['UTF-16', Buffer.from('{"input":"Noor"}', 'utf16le')],
    ['bytes of one character each', Buffer.from('{"input":"J\u00f6rn"}', 'latin1')],
  ])('is held back where its JSON is in %s', async (_, body) => {
    const { seen, server } = echo('application/json')
    const headers = new Headers({ 'content-type': 'application/json' })
    await expect(server.forward({ ...request(body), headers })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    expect(seen).toEqual([])
  })

  test.each([
    ['prompt', [40, 716]],
    ['input', [[40, 716], [11]]],
    ['tokens', [40]],
  ])('is held back where it gives its %s in token ids: %j', async (field, value) => {
    const { seen, server } = echo('application/json')
    await expect(
      server.forward(request(Buffer.from(JSON.stringify({ [field]: value })))),
    ).rejects.toMatchObject({
      code: 'invalid_request',
      param: field,
    })
    expect(seen).toEqual([])
  })

  test('is masked in the names of files in it, which stay as they are', async () => {
    const { seen, server } = echo('application/json')
    const sent = { url: 'data:image/png;name=Noor.png;base64,iVBORw0KGgo=' }
    const reply = await server.forward(request(Buffer.from(JSON.stringify(sent))))
    const body = Buffer.from(seen[0]?.body as Uint8Array).toString()
    expect(body).toBe(`{"url":"data:image/png;name=${guard.mask('Noor')}.png;base64,iVBORw0KGgo="}`)
    expect(JSON.parse(await textOf(reply.body))).toEqual(sent)
  })

  test('is held back where its path is private', async () => {
    const { seen, server } = echo('application/json')
    await expect(server.forward(request(null, '/v1/files/Noor%20Lindqvist'))).rejects.toMatchObject({
      code: 'invalid_request',
    })
    expect(seen).toEqual([])
  })
})
