import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../src/config/schema.ts'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { openPassthrough } from '../../src/upstream/passthrough/passthrough.ts'
import { fakeChoices } from '../gateway/choosing/fake-choices.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'
import { listeningServer } from '../upstream/http/listening-server.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { hello, type TestApp, testApp } from './app-under-test/test-app.ts'

/** The whole app, as `costeer serve` assembles it, before a server that answers 200 to everything. */
async function wholeApp(server: Partial<Config['server']> = {}) {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'index.html'), '<!doctype html>')
  const store = await ProfileStore.open(folder, { watch: false })
  onTestFinished(() => store.close())
  const behind = await listeningServer((response) => void response.end('{}'))
  const passthrough = openPassthrough({ url: behind.url, model: 'up' })
  const script = {
    choices: [[text('x'), end(1)]],
    upstream: { passthrough, tellsEveryToken: true, readsCalls: false },
  }
  return {
    behind,
    ...testApp({ script, server, profiles: { store }, choices: fakeChoices().choices, pageFolder: folder }),
  }
}

/**
 * Without a key, on purpose: probes, the description of the API, and the page, which then asks for the key.
 */
const open = new Set(['/healthz', '/readyz', '/openapi.json', '/', '/assets/x', '/favicon.svg'])

const headers = { 'content-type': 'application/json' }

/** A request for each route, and for some that are passed on or unknown. */
function everyRequest({ app }: TestApp): [string, RequestInit][] {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  const requests = [
    ...routes.map(({ method, path }) => ({ method, path: path.replace(/:\w+(\{[^}]*\})?/g, 'x') })),
    { method: 'POST', path: '/v1/embeddings' },
    { method: 'GET', path: '/v1/files/x' },
    { method: 'GET', path: '/nothing' },
  ]
  const body = JSON.stringify({ messages: hello, prompt: 'x', input: 'x' })
  return requests.map(({ method, path }) => [
    path,
    { method, headers, ...(method === 'POST' ? { body } : {}) },
  ])
}

test('every route asks for a key once there are keys, unless it holds nothing worth one', async () => {
  const { behind, ...tested } = await wholeApp({ keys: [{ key: 'sk-plain-key', admin: false }] })
  const requests = everyRequest(tested)
  expect(requests.length).toBeGreaterThan(20)
  for (const [path, init] of requests) {
    const { status } = await tested.app.request(path, init)
    expect(status === 401, `${init.method} ${path} is ${status}`).toBe(!open.has(path))
  }
  expect([tested.gateway.requests.length, behind.arrived.length]).toEqual([0, 0])
})

test('every route but the probes refuses names that are not ours, and all refuse foreign origins', async () => {
  const { behind, ...tested } = await wholeApp()
  for (const [path, init] of everyRequest(tested)) {
    const rebound = await tested.app.request(path, { ...init, headers: { ...headers, host: 'evil.example' } })
    const isProbe = path === '/healthz' || path === '/readyz'
    expect(rebound.status === 403, `${init.method} ${path} is ${rebound.status}`).toBe(!isProbe)
    const origin = { ...headers, origin: 'https://evil.example' }
    const crossing = await tested.app.request(path, { ...init, headers: origin })
    expect(await crossing.text()).toContain('"code":"origin_not_allowed"')
  }
  expect([tested.gateway.requests.length, behind.arrived.length]).toEqual([0, 0])
})

test('every response has a request id, the one of the client if it sent one', async () => {
  const { behind: _behind, ...tested } = await wholeApp()
  for (const [path, init] of everyRequest(tested)) {
    const named = await tested.app.request(path, {
      ...init,
      headers: { ...headers, 'x-request-id': 'mine-1' },
    })
    expect(named.headers.get('x-request-id'), `${init.method} ${path}`).toBe('mine-1')
    const own = await tested.app.request(path, init)
    expect(own.headers.get('x-request-id'), `${init.method} ${path}`).toMatch(/^[0-9a-f-]{36}$/)
  }
})
