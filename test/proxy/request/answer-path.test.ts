import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { answerPath } from '../../../src/proxy/request/answer-path.ts'
import { listening } from '../app-under-test/listening-app.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'
import { appBeforeServer, echo, tools } from '../passthrough/app-before-server.ts'

const variants = [
  '/v1/chat/completions/',
  '/v1/chat/completions//',
  '/v1//chat/completions',
  '//v1/chat/completions',
  '/v1/chat//completions',
  '/v1/Chat/Completions',
  '/V1/CHAT/COMPLETIONS',
  '/v1/v1/chat/completions',
  '/v1//V1/v1/chat/completions/',
  '/v1/chat%2Fcompletions',
  '/v1/chat%2fcompletions/',
  '/v1/ch%61t/completions',
  '/v1/ch%2561t/completions',
  '/v1/chat%252Fcompletions',
  '/v1/./chat/completions',
  '/v1/%2e/chat/completions',
  '/v1/models/../chat/completions',
  '/v1/models/%2e%2e/chat/completions',
  '/v1/chat\\completions',
  '/v1/chat%5Ccompletions',
  '/v1/chat/completions;x=1',
  '/v1/chat/completions%20',
  '/v1/chat/completions%09',
]

const others = [
  '/v1/embeddings',
  '/v1/embeddings/',
  '/v1/chat/completions/chatcmpl-1',
  '/v1/responses/resp_1',
  '/v1/chat',
  '/chat/completions',
  '/v1/completionss',
  '/v1/%zz/chat/completions',
  '/v2/chat/completions',
  '/V1/models',
  '/HEALTHZ',
  '/',
]

describe('a path', () => {
  test.each(variants)('that servers may read as a steered route is that route: %s', (path) => {
    expect(answerPath(path)).toBe('/v1/chat/completions')
  })

  test.each(['/v1/responses/', '/V1/Completions', '/v1/v1/responses'])('%s is one too', (path) => {
    expect(answerPath(path)).toMatch(/^\/v1\/(responses|completions)$/)
  })

  test.each(others)('of another route stays what it is: %s', (path) => {
    expect(answerPath(path)).toBeNull()
  })
})

/** The status of a POST whose request line is sent as it is written. */
async function statusOf(url: string, path: string): Promise<string | undefined> {
  const [, init] = chatRequest({})
  const body = String(init.body)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = [`POST ${path} HTTP/1.1`, `host: ${hostname}`, 'content-type: application/json']
  const rest = [`content-length: ${body.length}`, 'connection: close', '', body]
  socket.write([...head, ...rest].join('\r\n'))
  let reply = ''
  for await (const piece of socket) reply += String(piece)
  return /^HTTP\/1.1 (\d+)/.exec(reply)?.[1]
}

describe('a steered route spelled another way', () => {
  test('is steered, however it comes over the wire', async () => {
    const { url, gateway } = await listening({ script: { choices: [[text('x'), end(1)]] } })
    for (const path of variants) {
      // A backslash does not belong in a request line.
      const status = path.includes('\\') ? '400' : '200'
      expect([path, await statusOf(url, path)]).toEqual([path, status])
    }
    expect(gateway.requests).toHaveLength(variants.length - 1)
  })

  test('never reaches the server by itself, and by its plain name where it cannot be steered', async () => {
    const { app, behind } = await appBeforeServer(echo)
    const [, steered] = chatRequest({})
    const { headers } = await app.request('/v1//Chat/completions/', steered)
    expect([headers.get('x-costeer-steering'), behind.arrived]).toEqual(['on', []])
    const [, passed] = chatRequest({ tools })
    await app.request('/v1//Chat/completions/?x=1', passed)
    expect(behind.arrived[0]?.url).toBe('/v1/chat/completions?x=1')
  })

  test('takes the methods of that route only', async () => {
    const { app } = testApp({ script: { choices: [[text('x'), end(1)]] } })
    const { status, headers } = await app.request('/v1/chat/completions/', { method: 'PUT' })
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })
})
