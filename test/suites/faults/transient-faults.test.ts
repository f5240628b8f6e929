import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { type Asked, ask, send } from './client.ts'
import { type Fault, type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type StartedWorkers, startedWorkers } from './started-workers.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol, vllmProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

let home: TinyHome
let upstream: FaultyUpstream
let replica: FaultyUpstream
let gateway: AssembledGateway

beforeAll(async () => {
  home = await tinyHome()
  const { environment } = home
  const model = await wordModel('tiny', environment)
  upstream = await faultyUpstream(llamaCppProtocol(model))
  replica = await faultyUpstream(llamaCppProtocol(model))
  const server = `kind: llama-cpp, url: "${upstream.url}", candidates: 20`
  gateway = await assembledGateway(
    `local: { model: tiny }
upstreams:
  retrying: { ${server} }
  hasty: { ${server}, first_byte_ms: 200, idle_ms: 200 }
  replicated: { ${server}, retries: 0, replicas: ["${replica.url}"] }
models: { names: { retrying: retrying, hasty: hasty, replicated: replicated } }
steering: { strength: 1 }
`,
    { environment, upstreams: [upstream, replica] },
  )
})
afterEach(async () => {
  await upstream.heal()
  await replica.heal()
  await gateway.settled()
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  await replica.close()
  await home.remove()
})

const asked = { model: 'retrying', max_tokens: 5, temperature: 0 }
function answer(more: object = {}) {
  return ask(gateway.url, { ...asked, ...more })
}

const faults: readonly (readonly [string, Fault])[] = [
  ['a reset', { type: 'reset' }],
  ['429 with Retry-After', { type: 'refusal', status: 429, headers: { 'retry-after': '0' } }],
  ['500', { type: 'refusal', status: 500 }],
]
const modes = [
  ['lookahead', {}],
  ['token by token', { costeer: { lookahead: 'off' } }],
] as const

describe.each(faults)('%s, once,', (_name, fault) => {
  test.each(modes)('leaves no trace in the answer: %s', async (_mode, how) => {
    const whole = await answer(how)
    const { promptTokens = 0 } = whole
    for (const afterTokens of [0, 2]) {
      upstream.begin(fault, { promptTokens, afterTokens, times: 1 })
      expect(await answer(how)).toMatchObject({ status: 200, error: null, text: whole.text })
    }
  })
})

test('streams that stall hold up nobody else', async () => {
  const whole = await answer()
  const { promptTokens = 0 } = whole
  const leaving: Asked[] = []
  for (let round = 0; round < 12; round++) {
    upstream.begin({ type: 'stall' }, { promptTokens, afterTokens: 2 })
    const stalled = upstream.stalled()
    leaving.push(send(gateway.url, { ...asked, ...modes[round % 2]?.[1], stream: true }))
    await stalled
    await upstream.heal()
    expect(await answer()).toMatchObject({ status: 200, text: whole.text })
  }
  for (const sent of leaving) sent.leave()
})

test('a server that goes away hands its conversations to a replica, and requests that cannot be steered too', async () => {
  const whole = await answer()
  for (const [gone, other] of [
    [upstream, replica],
    [replica, upstream],
  ] as const) {
    gone.begin({ type: 'away' })
    const before = other.asked()
    expect(await answer({ model: 'replicated' })).toMatchObject({ status: 200, text: whole.text })
    expect(await answer({ model: 'replicated', tools: [{}] })).toMatchObject({ status: 200, text: 'passed' })
    expect(other.asked()).toBeGreaterThan(before)
    await gone.heal()
  }
})

describe('requests that are passed on', () => {
  const passed = (more: object = {}) => answer({ tools: [{}], model: 'hasty', ...more })

  test.each([
    ['connections refused', { type: 'away' }, 502, 'upstream_unreachable'],
    ['a reset', { type: 'reset' }, 502, 'upstream_unreachable'],
  ] as const)('%s before the reply is an error', async (_name, fault, status, error) => {
    for (const stream of [false, true]) {
      upstream.begin(fault)
      expect(await passed({ stream })).toMatchObject({ status, error, done: false })
      await upstream.heal()
      expect(await passed({ stream })).toMatchObject({ status: 200, error: null, done: true })
    }
  })

  test('a stall before a streamed reply is a timeout', async () => {
    upstream.begin({ type: 'stall' })
    expect(await passed({ stream: true })).toMatchObject({ status: 504, error: 'upstream_timeout' })
  })

  test("the server's own refusals come as they are", async () => {
    upstream.begin({ type: 'refusal', status: 429, headers: { 'retry-after': '7' } })
    const response = await send(gateway.url, { ...asked, tools: [{}] }).response
    expect(response.statusCode).toBe(429)
    expect(response.headers).toMatchObject({
      'retry-after': '7',
      'x-costeer-steering': 'bypassed; reason=tools',
    })
    const body = Buffer.concat(await response.toArray()).toString()
    expect(JSON.parse(body)).toEqual({ error: { message: 'no', type: 'some_error', code: 429 } })
  })

  test.each([
    ['a reset', { type: 'reset' }, 'upstream_unreachable'],
    ['a stall', { type: 'stall' }, 'upstream_timeout'],
  ] as const)('%s inside a stream ends it with an error event', async (_name, fault, error) => {
    upstream.begin(fault, { afterTokens: 2 })
    const failed = await passed({ stream: true })
    expect(failed).toMatchObject({ status: 200, error, done: false })
    expect(failed.text).toMatch(/^0 +1 +$/)
    await upstream.heal()
    expect(await passed({ stream: true })).toMatchObject({ status: 200, error: null, done: true })
  })
})

describe('at start', () => {
  let workers: StartedWorkers
  beforeAll(() => {
    workers = startedWorkers()
  })
  // Nothing is left open by a start that failed.
  afterEach(() => expect(workers.running()).toHaveLength(0))
  afterAll(() => workers.stop())

  const start = (server: string, protocol = 'llama-cpp') =>
    assembledGateway(
      `local: { model: tiny }\nupstreams: { only: { kind: ${protocol}, ${server}, candidates: 20 } }\nmodels: { catch_all: only }\n`,
      { environment: home.environment },
    )

  test('a server that is not there stops it, and the next start works', async () => {
    upstream.begin({ type: 'away' })
    const server = `url: "${upstream.url}"`
    await expect(start(server)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    await upstream.heal()
    await (await start(server)).close()
  })

  test('a model that is not served stops it', async () => {
    const failure = { code: 'upstream_incapable', message: expect.stringContaining('"words", not "poems"') }
    await expect(start(`url: "${upstream.url}", model: poems`)).rejects.toMatchObject(failure)
  })

  test.each([
    ['llama-cpp', llamaCppProtocol],
    ['vllm', vllmProtocol],
  ] as const)('a model of another vocabulary stops it: %s', async (kind, protocol) => {
    const foreign = await faultyUpstream(protocol(await wordModel('smollm2-135m', readEnvironment())))
    const starting = start(`url: "${foreign.url}"`, kind)
    await expect(starting).rejects.toMatchObject({ code: 'vocabulary_mismatch' })
    await foreign.close()
  })

  test('a server that never answers stops it after first_byte_ms', async () => {
    upstream.begin({ type: 'stall' })
    const starting = start(`url: "${upstream.url}", first_byte_ms: 200`)
    await expect(starting).rejects.toMatchObject({ code: 'upstream_timeout' })
  })
})
