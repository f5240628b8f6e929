import { describe, expect, test } from 'vitest'
import { openPassthrough } from '../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../upstream/http/listening-server.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, hello, testApp } from './app-under-test/test-app.ts'

const endpoints = [
  ['/v1/chat/completions', { messages: hello }],
  ['/v1/completions', { prompt: 'Once' }],
  ['/v1/responses', { input: 'Hello' }],
  // Left to the server, whose own name for the model is another.
  ['/v1/chat/completions', { messages: hello, tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['/v1/embeddings', { input: 'x' }],
] as const

async function appWithServer() {
  const server = await listeningServer((response, { body }) => {
    const { model } = JSON.parse(body.toString())
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ model, served: true }))
  })
  const passthrough = openPassthrough({ url: server.url, model: 'up' })
  return testApp({
    script: {
      choices: [[text('x'), end(1)]],
      upstream: { passthrough, tellsEveryToken: true, readsCalls: false },
    },
  })
}

describe.each(endpoints)('the model of %s %j', (path, body) => {
  const post = async (fields: object) => {
    const { app } = await appWithServer()
    const headers = { 'content-type': 'application/json' }
    return app.request(path, { method: 'POST', headers, body: JSON.stringify({ ...body, ...fields }) })
  }

  test('may be an alias, and is called by it in the answer, streamed or not', async () => {
    expect(await (await post({ model: 'acme/alias' })).json()).toMatchObject({ model: 'acme/alias' })
    const streamed = await (await post({ model: 'acme/alias', stream: true })).text()
    expect(streamed).toContain('"model":"acme/alias"')
    expect(streamed).not.toContain('"up"')
  })

  test('may be missing, which means the first of the list', async () => {
    const response = await post({})
    expect(response.status).toBe(200)
    if (path !== '/v1/embeddings') expect(await response.json()).toMatchObject({ model: 'big' })
  })
})

test('a request that names no model is a 404 where there is none', async () => {
  const { app } = testApp({ script: { choices: [], models: [] } })
  const response = await app.request(...chatRequest({}))
  expect(response.status).toBe(404)
  expect(await errorOf(response)).toMatchObject({ code: 'model_not_found', param: 'model' })
})
