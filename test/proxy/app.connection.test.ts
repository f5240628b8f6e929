import supertest from 'supertest'
import { expect, test } from 'vitest'
import { listening } from './app-under-test/listening-app.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { chatRequest } from './app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

test('a body without a content type is refused', async () => {
  const { url } = await listening({ script })
  const response = await supertest(url).post('/v1/chat/completions').set('content-type', '').send('{}')
  expect([response.status, response.body.error.code]).toEqual([415, 'unsupported_media_type'])
})

test('a complete answer has a length, and a stream is not cached', async () => {
  const { url } = await listening({ script })
  const [path, init] = chatRequest({})
  const complete = await supertest(url)
    .post(path)
    .send(JSON.parse(String(init.body)))
  expect(complete.headers['content-length']).toBe(String(Buffer.byteLength(complete.text)))
  const stream = await supertest(url)
    .post(path)
    .send({ ...JSON.parse(String(init.body)), stream: true })
  expect(stream.headers).toMatchObject({
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'x-costeer-steering': 'on',
    'transfer-encoding': 'chunked',
  })
  expect(stream.text).toMatch(/data: \[DONE\]\n\n$/)
})
