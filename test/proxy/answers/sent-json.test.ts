import { describe, expect, test } from 'vitest'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { errorOf, testApp } from '../app-under-test/test-app.ts'

const HELLO = '"messages":[{"role":"user","content":"Hello"}]'

/** The chat route's response to a body, and the request as the gateway got it. */
async function sent(body: string | Uint8Array<ArrayBuffer>, contentType = 'application/json') {
  const { app, gateway } = testApp({ script: { choices: [[text('x'), end(1)]] } })
  const headers = { 'content-type': contentType }
  const response = await app.request('/v1/chat/completions', { method: 'POST', headers, body })
  return { response, request: gateway.requests[0] }
}

async function seedOf(fields: string) {
  const { response, request } = await sent(`{${HELLO},${fields}}`)
  expect(response.status).toBe(200)
  return request?.sampling.seed
}

describe("a body's seed", () => {
  test.each([
    ['9007199254740992', '9007199254740993'],
    ['1152921504606846976', '1152921504606846977'],
    ['9223372036854775807', '9223372036854775806'],
    ['-9223372036854775808', '-9223372036854775807'],
  ])('counts to its last digit: %s and %s differ', async (one, other) => {
    const drawn = await seedOf(`"seed":${one}`)
    expect(Number.isSafeInteger(drawn)).toBe(true)
    expect(await seedOf(`"seed":${other}`)).not.toBe(drawn)
    expect(await seedOf(`"seed": 1, "costeer":{"seed":${one}}`)).toBe(drawn)
  })

  test('is the last of that name, where the object itself has it', async () => {
    const drawn = await seedOf('"seed":9007199254740993')
    expect(await seedOf('"seed":7,"options":{"seed":5},"seed":9007199254740993')).toBe(drawn)
    expect(await seedOf('"costeer":{"seed":4},"costeer":{"seed":9007199254740993}')).toBe(drawn)
    expect(await seedOf('"options":{"seed":9007199254740993},"seed":7')).toBe(7)
  })

  test.each(['9223372036854775808', '-9223372036854775809', '1e30', '1.5', '"5"', '1e999'])(
    'is refused where it is no signed 64-bit integer: %s',
    async (seed) => {
      for (const fields of [`"seed":${seed}`, `"costeer":{"seed":${seed}}`]) {
        const { response } = await sent(`{${HELLO},${fields}}`)
        expect([response.status, (await errorOf(response)).param]).toEqual([
          400,
          fields.includes('costeer') ? 'costeer.seed' : 'seed',
        ])
      }
    },
  )
})
