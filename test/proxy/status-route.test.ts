import { describe, expect, test } from 'vitest'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { errorOf, testApp } from './app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

describe('readiness', () => {
  test('is ok when the gateway misses nothing', async () => {
    const { app } = testApp({ script })
    expect(await (await app.request('/readyz')).json()).toEqual({ status: 'ok' })
    expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok' })
  })

  test("is the gateway's sentence with 503 otherwise, and health stays ok", async () => {
    const missing = 'No model can answer: big (upstream far cannot be reached).'
    const { app } = testApp({ script: { ...script, readiness: { ready: false, missing } } })
    const response = await app.request('/readyz')
    expect(response.status).toBe(503)
    expect((await errorOf(response)).message).toBe(missing)
    expect((await app.request('/healthz')).status).toBe(200)
  })

  test('is ok while some models can answer, and says which cannot', async () => {
    const missing = 'These models cannot answer: big (upstream far cannot be reached).'
    const { app } = testApp({ script: { ...script, readiness: { ready: true, missing } } })
    const response = await app.request('/readyz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok', missing })
  })
})
