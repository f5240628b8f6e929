import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { Script } from '../app-under-test/scripted-gateway.ts'
import { errorOf, testApp } from '../app-under-test/test-app.ts'
import { appBeforeServer, echo, steeredChoices } from './app-before-server.ts'

describe('a route that is not ours', () => {
  test('is answered by the server', async () => {
    const { app, behind } = await appBeforeServer(echo)
    const response = await app.request('/v1/embeddings?x=1', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"big","input":[1.0],"costeer":{}}',
    })
    expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=route')
    expect(await response.json()).toEqual({
      model: 'big',
      url: '/v1/embeddings?x=1',
      received: '{"model":"up","input":[1.0]}',
    })
    await app.request('/v1/files/a%2Fb', { method: 'DELETE' })
    expect(behind.arrived[1]).toMatchObject({ method: 'DELETE', url: '/v1/files/a%2Fb' })
    expect(behind.arrived[1]?.body).toHaveLength(0)
  })

  test('adds no model to a body without one', async () => {
    const { app, behind } = await appBeforeServer(echo)
    await app.request('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"x":1}',
    })
    expect(behind.arrived[0]?.body.toString()).toBe('{"x":1}')
  })

  test('takes forms, and replies without a body', async () => {
    const { app, behind } = await appBeforeServer((response) => {
      response.writeHead(204)
      response.end()
    })
    const form = new FormData()
    form.set('model', 'big')
    form.set('file', new Blob(['abc']), 'a.txt')
    const response = await app.request('/v1/audio/transcriptions', { method: 'POST', body: form })
    expect(response.status).toBe(204)
    expect(behind.arrived[0]?.body.toString()).toMatch(/name="model"\r\n\r\nup\r\n/)
  })

  test('leads nowhere but below /v1', async () => {
    const { app, behind } = await appBeforeServer(echo)
    for (const path of ['/v1/a/..%2f..%2fadmin', '/v1/%2e%2e%2fadmin', '/v1/..%5cadmin', '/v1/a%00b']) {
      const response = await app.request(path)
      expect([path, response.status]).toEqual([path, 404])
    }
    expect((await app.request('/v1/../admin')).status).toBe(404)
    expect(behind.arrived).toEqual([])
  })

  test('is a 404 when the model has no server, and the methods of our own routes a 405', async () => {
    const { app } = testApp({ script: { choices: steeredChoices } })
    const unknown = await app.request('/v1/embeddings', { method: 'POST', body: '{}' })
    expect(unknown.status).toBe(404)
    expect(await errorOf(unknown)).toMatchObject({ code: 'unknown_url' })
    const method = await app.request('/v1/chat/completions', { method: 'PATCH' })
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('reports a model that the gateway does not know', async () => {
    const script: Script = { choices: steeredChoices }
    const { app, gateway } = testApp({ script })
    gateway.upstreamOf = () => {
      throw new GatewayError('model_not_found', 'No such model.', { param: 'model' })
    }
    const body = '{"model":"nobody"}'
    const headers = { 'content-type': 'application/json' }
    const response = await app.request('/v1/embeddings', { method: 'POST', headers, body })
    expect(await errorOf(response)).toMatchObject({ code: 'model_not_found' })
  })
})
