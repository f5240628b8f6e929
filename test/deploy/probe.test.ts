import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

async function probe(port: number, ...parameters: string[]) {
  const env = { PATH: process.env.PATH, COSTEER_PORT: String(port) }
  const child = spawn(process.execPath, ['deploy/probe.mjs', ...parameters], { env })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

describe('deploy/probe.mjs', () => {
  test('ends with 0 when the gateway is well, and asks for /healthz', async () => {
    const asked: (string | undefined)[] = []
    const port = await serve((request, response) => {
      asked.push(request.url)
      response.end('{"status":"ok"}')
    })
    expect(await probe(port)).toEqual({ code: 0, said: '' })
    expect(await probe(port, '/readyz')).toEqual({ code: 0, said: '' })
    expect(asked).toEqual(['/healthz', '/readyz'])
  })

  test('ends with 1 and says the status when it is not', async () => {
    const port = await serve((_, response) => response.writeHead(503).end('a long explanation'))
    expect(await probe(port, '/readyz')).toEqual({ code: 1, said: '/readyz: HTTP 503\n' })
  })

  test('ends with 1 when nobody listens', async () => {
    const port = await serve((_, response) => response.end())
    for (const close of open.splice(0)) close()
    expect(await probe(port)).toEqual({ code: 1, said: '/healthz: ECONNREFUSED\n' })
  })

  test('ends with 1 when no answer comes', async () => {
    const port = await serve(() => undefined)
    expect(await probe(port)).toEqual({ code: 1, said: '/healthz: no answer within 4 s\n' })
  })
})
