import { describe, expect, test } from 'vitest'
import { listening } from '../app-under-test/listening-app.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'

const script = { choices: [[text('x'), end(1)]] }
const padding = ' '.repeat(70_000)

async function answered(body: string, path = '/v1/chat/completions') {
  const { url } = await listening({ script })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers, body })
  return { status: response.status, reply: (await response.json()) as { error?: Record<string, unknown> } }
}

function chat(content: string, more = ''): string {
  return `{"messages":[{"role":"user","content":${content}}]${more},"user":"${padding}"}`
}

const refused = { code: 'invalid_request', type: 'invalid_request_error' }

describe('a large body', () => {
  test.each([
    ['many messages', `{"messages":[${'{},'.repeat(70_000)}{}]}`, '65536'],
    ['many strings', chat('"a"', `,"stop":[${'"a",'.repeat(70_000)}"a"]`), '65536'],
    ['many fields of one object', chat('"a"', `,"logit_bias":{${numbered(5_000)}}`), '4096'],
    ['many numbers', chat('"a"', `,"x":[${'1,'.repeat(600_000)}1]`), '524288'],
    ['deep nesting', chat('"a"', `,"x":${'['.repeat(300)}${']'.repeat(300)}`), '256'],
    ['deep nesting that does not end', `${'['.repeat(70_000)}`, '256'],
  ])('is refused with %s, before it is read', async (_, body, limit) => {
    const { status, reply } = await answered(body)
    expect(status).toBe(400)
    expect(reply.error).toMatchObject({ ...refused, message: expect.stringContaining(limit) })
  })

  test.each([
    ['braces and colons', '"{:[:{:"'],
    ['escaped quotes', '"\\"{\\\\\\"[:"'],
    ['backslashes', '"\\\\\\\\"'],
  ])('may hold %s in its texts', async (_, content) => {
    const long = `"${content.slice(1, -1).repeat(20_000)}"`
    expect((await answered(chat(long).replace(padding, 'x'))).status).toBe(200)
  })

  test('may be a long list of token ids', async () => {
    const body = `{"prompt":[${'12,'.repeat(100_000)}12]}`
    expect((await answered(body, '/v1/completions')).status).toBe(200)
  })

  test.each([
    ['token ids that are none', `{"prompt":[${'12,'.repeat(100_000)}-1]}`],
    ['half a token id', `{"prompt":[${'12,'.repeat(100_000)}1.5]}`],
    ['an empty prompt among others', `{"prompt":[${'[12],'.repeat(20)}[]],"user":"${padding}"}`],
  ])('is refused for %s', async (_, body) => {
    const { status, reply } = await answered(body, '/v1/completions')
    expect(status).toBe(400)
    expect(reply.error).toMatchObject({ ...refused, param: expect.stringMatching(/prompt|user/) })
  })
})

test('a small body may hold what it likes', async () => {
  const body = `{"messages":[{"role":"user","content":"a"}],"x":${'['.repeat(300)}${']'.repeat(300)}}`
  expect((await answered(body)).reply.error).toBeUndefined()
})

function numbered(count: number): string {
  return Array.from({ length: count }, (_, at) => `"${at}":1`).join(',')
}
