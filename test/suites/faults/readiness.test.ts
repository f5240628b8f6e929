import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { ask } from './client.ts'
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol, vllmProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

let home: TinyHome
let first: FaultyUpstream
let second: FaultyUpstream
let gateway: AssembledGateway

beforeAll(async () => {
  home = await tinyHome()
  const { environment } = home
  const model = await wordModel('tiny', environment)
  first = await faultyUpstream(llamaCppProtocol(model))
  second = await faultyUpstream(vllmProtocol(model))
  gateway = await assembledGateway(
    `local: { model: tiny }
upstreams:
  near: { kind: llama-cpp, url: "${first.url}", candidates: 20, retries: 0 }
  far: { kind: vllm, url: "${second.url}", candidates: 20, retries: 0 }
models: { names: { small: near, large: far, larger: far } }
steering: { strength: 1 }
`,
    { environment, upstreams: [first, second] },
  )
})
afterEach(async () => {
  await first.heal()
  await second.heal()
  await readyWithin()
  await gateway.settled()
})
afterAll(async () => {
  await gateway.close()
  await first.close()
  await second.close()
  await home.remove()
})

async function probe(path: string) {
  const { statusCode: status, body: reply } = await request(gateway.url + path, { reset: true })
  const body = (await reply.json()) as { missing?: string; error?: { message: string } }
  return { status, says: body.error?.message ?? body.missing ?? null }
}

/** Until the gateway has asked again what it knew. */
function readyWithin() {
  return vi.waitFor(async () => expect(await probe('/readyz')).toEqual({ status: 200, says: null }), {
    interval: 50,
  })
}

const away = { type: 'away' } as const
const NEAR_AWAY = 'small (upstream near cannot be reached)'
const FAR_AWAY = 'large, larger (upstream far cannot be reached)'

describe('/readyz', () => {
  test('notices that the servers of an idle gateway are gone, and that they are back', async () => {
    first.begin(away)
    second.begin(away)
    await vi.waitFor(
      async () =>
        expect(await probe('/readyz')).toEqual({
          status: 503,
          says: `No model can answer: ${NEAR_AWAY}; ${FAR_AWAY}.`,
        }),
      { interval: 50 },
    )
    expect((await probe('/healthz')).status).toBe(200)
    await first.heal()
    await vi.waitFor(
      async () =>
        expect(await probe('/readyz')).toEqual({
          status: 200,
          says: `These models cannot answer: ${FAR_AWAY}.`,
        }),
      { interval: 50 },
    )
    await second.heal()
    await readyWithin()
  })

  test('knows at once what requests find out, also that a server is left alone', async () => {
    first.begin(away)
    second.begin(away)
    for (const model of ['small', 'large']) {
      await ask(gateway.url, { model, max_tokens: 2, temperature: 0, costeer: { profile: 'none', seed: 1 } })
    }
    const { status, says } = await probe('/readyz')
    expect(status).toBe(503)
    expect(says).toContain('cannot be reached')
    await vi.waitFor(
      async () => {
        await ask(gateway.url, {
          model: 'small',
          max_tokens: 2,
          temperature: 0,
          costeer: { profile: 'none', seed: 1 },
        })
        expect((await probe('/readyz')).says).toContain('small (upstream near is left alone for a while')
      },
      { interval: 1 },
    )
  })

  test('says nothing of addresses', async () => {
    first.begin(away)
    second.begin(away)
    await vi.waitFor(async () => expect((await probe('/readyz')).status).toBe(503), {
      interval: 50,
    })
    expect((await probe('/readyz')).says).not.toContain('127.0.0.1')
  })
})

test('an embedded model is always ready', async () => {
  const embedded = await assembledGateway(
    'local: { model: tiny }\nupstreams: { own: { kind: embedded, model: tiny } }\nmodels: { catch_all: own }\n',
    { environment: home.environment },
  )
  const { body } = await request(`${embedded.url}/readyz`, { reset: true })
  expect(await body.json()).toEqual({ status: 'ok' })
  await embedded.close()
})
