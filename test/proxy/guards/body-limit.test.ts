import supertest from 'supertest'
import { expect, test } from 'vitest'
import { listening } from '../app-under-test/listening-app.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest } from '../app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

test('bodies beyond the limit are refused, announced or not', async () => {
  const { url, gateway } = await listening({ script, server: { body_limit_bytes: 2000 } })
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(5000) }] })
  const announced = await supertest(url)
    .post('/v1/chat/completions')
    .set('content-type', 'application/json')
    .send(body)
  expect([announced.status, announced.body.error.code]).toEqual([413, 'request_too_large'])
  const chunked = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([body]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(chunked.status).toBe(413)
  expect(gateway.requests).toEqual([])
})

test('a chunked body within the limit is read', async () => {
  const { url } = await listening({ script })
  const [path, init] = chatRequest({})
  const response = await fetch(url + path, {
    ...init,
    body: new Blob([String(init.body)]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(response.status).toBe(200)
})
