import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../../src/gateway-error.ts'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../upstream/http/listening-server.ts'
import { chatRequest, errorOf, testApp } from '../app-under-test/test-app.ts'
import { echo, steeredChoices } from '../passthrough/app-before-server.ts'

const echoed = z.object({ model: z.string(), received: z.string() })

async function appWithoutProfiles() {
  const server = await listeningServer(echo)
  const passthrough = openPassthrough({ url: server.url, model: 'up', apiKey: 'server-key' })
  const upstream = { passthrough, tellsEveryToken: true, readsCalls: false }
  const script = { choices: steeredChoices, steering: { state: 'off' as const }, upstream }
  return { behind: server, ...testApp({ script: { ...script, unsteeredServer: passthrough } }) }
}

describe('a chat request of a caller without a profile', () => {
  test("is answered by the server's own chat route, and counted as off", async () => {
    const { app, behind, gateway, registry } = await appWithoutProfiles()
    const response = await app.request(
      ...chatRequest({ model: 'big', logprobs: true, enable_thinking: true }),
    )
    expect(response.headers.get('x-costeer-steering')).toBe('off; reason=no-profile')
    expect(response.headers.get('x-costeer-ignored')).toBeNull()
    const reply = echoed.parse(await response.json())
    expect(reply.model).toBe('big')
    expect(JSON.parse(reply.received)).toMatchObject({ model: 'up', logprobs: true, enable_thinking: true })
    expect(behind.arrived[0]?.url).toBe('/v1/chat/completions')
    expect(gateway.requests).toEqual([])
    expect(await registry.metrics()).toContain('status="200",steering="off",error_type=""} 1')
  })

  test('keeps its bytes but for the name of the model, and to no limit of steering', async () => {
    const { app, behind } = await appWithoutProfiles()
    const text = '{"model":"up", "n":20,"temperature":9,"x":1.10,"messages":[]}'
    const [path, init] = chatRequest({})
    await app.request(path, { ...init, body: text.replace('"up"', '"big"') })
    expect(String(behind.arrived[0]?.body)).toBe(text)
  })

  test('tells the server nothing of what the request says of profiles', async () => {
    const { app, behind } = await appWithoutProfiles()
    const asked = chatRequest({ costeer: { profile: 'none' } }, { 'x-costeer-profile': 'none' })
    await app.request(...asked)
    expect(JSON.stringify(behind.arrived[0])).not.toContain('costeer')
  })

  test.each([
    ['a trace', {}, { 'x-costeer-trace': '1' }],
    ["the gateway's own seed", { costeer: { seed: 7 } }, {}],
  ])('is answered here where it asks for %s', async (_, body, headers) => {
    const { app, behind, gateway } = await appWithoutProfiles()
    const response = await app.request(...chatRequest(body, headers))
    expect(response.headers.get('x-costeer-steering')).toBe('off')
    expect(gateway.requests).toHaveLength(1)
    expect(behind.arrived).toEqual([])
  })

  test.each([
    ['/v1/completions', '{"prompt":"a"}'],
    ['/v1/responses', '{"input":"a"}'],
  ])('is answered here at %s', async (path, body) => {
    const { app, behind } = await appWithoutProfiles()
    const [, init] = chatRequest({})
    const response = await app.request(path, { ...init, body })
    expect(response.headers.get('x-costeer-steering')).toBe('off')
    expect(behind.arrived).toEqual([])
  })

  test('is refused where its profile cannot be told', async () => {
    const { app, gateway, behind } = await appWithoutProfiles()
    gateway.unsteeredServer = () => {
      throw new GatewayError('profile_not_found', 'The profile "ann" does not exist.')
    }
    const response = await app.request(...chatRequest({}))
    expect(await errorOf(response)).toMatchObject({ code: 'profile_not_found' })
    expect(behind.arrived).toEqual([])
  })

  test('is refused where what it says of profiles has no meaning', async () => {
    const { app, behind } = await appWithoutProfiles()
    const response = await app.request(...chatRequest({ costeer: { profil: 'ann' } }))
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request' })
    expect(behind.arrived).toEqual([])
  })
})
