import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { chatRequest, errorOf, testApp } from '../app-under-test/test-app.ts'
import { appBeforeServer, echo, steeredChoices, tools } from '../passthrough/app-before-server.ts'

const echoed = z.object({ model: z.string(), received: z.string() })

describe('a chat request that cannot be steered', () => {
  test.each([
    ['tools', { tools }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x', tool_call_id: 'a' }] }],
    ['repetition_penalty', { repetition_penalty: 1.1 }],
  ])('is answered by the server: %s', async (field, fields) => {
    const { app, gateway, behind, registry } = await appBeforeServer(echo)
    const body = { model: 'big', costeer: { profile: 'ann' }, seed: 1, ...fields }
    const response = await app.request(
      ...chatRequest(body, { authorization: 'Bearer client-key', 'x-costeer-profile': 'ann' }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
    const reply = echoed.parse(await response.json())
    expect(reply.model).toBe('big')
    const { costeer: _costeer, ...sent } = { ...JSON.parse(chatRequest(body)[1].body as string), model: 'up' }
    expect(JSON.parse(reply.received)).toEqual(sent)
    expect(behind.arrived[0]?.headers.authorization).toBe('Bearer server-key')
    expect(JSON.stringify(behind.arrived)).not.toContain('ann')
    expect(gateway.requests).toEqual([])
    expect(await registry.metrics()).toContain('status="200",steering="bypassed",error_type=""} 1')
  })

  test('gets the model of the first name when it sends none', async () => {
    const { app } = await appBeforeServer(echo)
    const reply = echoed.parse(await (await app.request(...chatRequest({ tools }))).json())
    expect([JSON.parse(reply.received).model, reply.model]).toEqual(['up', 'big'])
  })

  test('takes fields along that only the server knows, but does not go there because of them', async () => {
    const { app, behind } = await appBeforeServer(echo)
    const both = await app.request(...chatRequest({ think: true, tools }))
    expect(both.headers.get('x-costeer-steering')).toBe('bypassed; reason=tools')
    expect(JSON.parse(String(behind.arrived[0]?.body))).toMatchObject({ think: true })
    const { headers } = await app.request(...chatRequest({ think: true }))
    expect([headers.get('x-costeer-steering'), headers.get('x-costeer-ignored')]).toEqual(['on', 'think'])
    expect(behind.arrived).toHaveLength(1)
  })

  test.each([
    '"seed":1152921504606846977',
    '"seed":-9223372036854775808',
    '"max_tokens":-1',
    '"max_tokens":0',
    '"n":20',
    '"temperature":9',
    `"stop":${JSON.stringify(Array.from({ length: 17 }, (_, index) => String(index)))}`,
    '"stop":""',
    '"logit_bias":{"x":1}',
    '"user":{"id":7}',
    '"messages":[{"role":"robot"},null,7]',
    '"messages":"hi"',
  ])('is held to no limit of steering, and stays as it is to the last byte: %s', async (field) => {
    const { app, behind } = await appBeforeServer(echo)
    const text = `{"model":"up", "tools":[{}],${field},"x":1.10}`
    const [path, init] = chatRequest({})
    const response = await app.request(path, { ...init, body: text.replace('"up"', '"big"') })
    expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=tools')
    expect(String(behind.arrived[0]?.body)).toBe(text)
  })

  test.each(['/v1/completions', '/v1/responses'])('is held to none at %s either', async (path) => {
    const { app, behind } = await appBeforeServer(echo)
    const text = '{"model":"up","echo":true,"tools":[{}],"input":5,"prompt":[],"n":99,"top_p":7}'
    const [, init] = chatRequest({})
    const response = await app.request(path, { ...init, body: text.replace('"up"', '"big"') })
    expect(response.headers.get('x-costeer-steering')).toMatch(/^bypassed; reason=(echo|tools)$/)
    expect(String(behind.arrived[0]?.body)).toBe(text)
  })

  test('is refused by the limits of steering where it asks for nothing else', async () => {
    const { app, behind } = await appBeforeServer(echo)
    const response = await app.request(...chatRequest({ n: 20 }))
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'n' })
    expect(behind.arrived).toEqual([])
  })

  test('is refused by name when the model has no server', async () => {
    const { app } = testApp({ script: { choices: steeredChoices } })
    const response = await app.request(...chatRequest({ tools, tool_choice: 'required' }))
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'tools' })
  })

  test('may be one whose bias can only be honoured by the server', async () => {
    const bias = { logit_bias: { '5': 3 } }
    const able = await appBeforeServer(echo)
    expect((await able.app.request(...chatRequest(bias))).headers.get('x-costeer-steering')).toBe('on')
    const unable = await appBeforeServer(echo, false)
    const { headers } = await unable.app.request(...chatRequest(bias))
    expect(headers.get('x-costeer-steering')).toBe('bypassed; reason=logit_bias')
    const ban = await unable.app.request(...chatRequest({ logit_bias: { '5': -100 } }))
    expect(ban.headers.get('x-costeer-steering')).toBe('on')
  })

  test.each(['presence_penalty', 'frequency_penalty'])(
    'is named by the field that raises tokens where the upstream does not tell them all: %s',
    async (field) => {
      const unable = await appBeforeServer(echo, false)
      const { headers } = await unable.app.request(...chatRequest({ [field]: -1 }))
      expect(headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
      const lowered = await unable.app.request(...chatRequest({ [field]: 1 }))
      expect(lowered.headers.get('x-costeer-steering')).toBe('on')
    },
  )

  test("keeps the server's refusals in its own words", async () => {
    const { app } = await appBeforeServer((response) => {
      response.writeHead(422, { 'content-type': 'application/json', 'retry-after': '3' })
      response.end('{"error":{"message":"no tools here","type":"odd","param":null,"code":17}}')
    })
    const response = await app.request(...chatRequest({ tools }))
    expect([response.status, response.headers.get('retry-after')]).toEqual([422, '3'])
    expect(await response.text()).toBe(
      '{"error":{"message":"no tools here","type":"odd","param":null,"code":17}}',
    )
  })

  test('says in our words that there is no server', async () => {
    const passthrough = openPassthrough({ url: 'http://127.0.0.1:9', model: 'up' })
    const { app } = testApp({
      script: {
        choices: steeredChoices,
        upstream: { passthrough, tellsEveryToken: true, readsCalls: false },
      },
    })
    const response = await app.request(...chatRequest({ tools }))
    expect(response.status).toBe(502)
    expect(await errorOf(response)).toMatchObject({ code: 'upstream_unreachable' })
  })
})
