import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { RecentRequestEntry } from '../../../src/proxy/recent/requests-route.ts'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../upstream/http/listening-server.ts'
import { manualTimers } from '../app-under-test/manual-timers.ts'
import { end, later, type Step, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, type TestApp, testApp } from '../app-under-test/test-app.ts'

const answer = [text('a'), end(3)]

async function recent({ app }: TestApp, key?: string): Promise<readonly RecentRequestEntry[]> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const response = await app.request('/costeer/v1/requests', { headers })
  expect(response.headers.get('cache-control')).toBe('no-store')
  return ((await response.json()) as { data: RecentRequestEntry[] }).data
}

async function asked(tested: TestApp, ...[body, headers]: Parameters<typeof chatRequest>): Promise<void> {
  await (await tested.app.request(...chatRequest(body, headers))).text()
}

describe('the last requests', () => {
  test('tell client, model, profile, times, tokens and cost of a steered answer', async () => {
    const timers = manualTimers()
    const priced: Step = { type: 'answer-end', finishReason: 'stop', completionTokens: 3, cost: 0.25 }
    const script = { choices: [[later(timers, 40), text('a'), later(timers, 60), priced]], promptTokens: 11 }
    const tested = testApp({ script, timers })
    await asked(tested, { stream: true }, { 'user-agent': 'OpenAI/Python 2.1.0', 'x-request-id': 'one' })
    expect(await recent(tested)).toEqual([
      {
        id: 'one',
        at: '2027-01-15T08:00:00.000Z',
        times: 1,
        client: 'OpenAI/Python 2.1.0',
        route: '/v1/chat/completions',
        status: 200,
        model: 'big',
        profile: 'ann',
        steering: 'on',
        reason: null,
        firstTextMs: 40,
        durationMs: 100,
        promptTokens: 11,
        completionTokens: 3,
        cost: 0.25,
        error: null,
      },
    ])
  })

  test.each([
    ['nobody’s profile is found', {}, {}, 'no-profile'],
    ['the request wants none', { costeer: { profile: 'none' } }, {}, 'declined'],
    ['the gateway says why', {}, { reason: 'budget' }, 'budget'],
  ])('say why an answer was not steered where %s', async (_what, body, why, reason) => {
    const tested = testApp({ script: { choices: [answer], steering: { state: 'off', ...why } } })
    await asked(tested, body)
    expect(await recent(tested)).toMatchObject([{ steering: 'off', profile: null, reason }])
  })

  test('name the field for which a server answered', async () => {
    const behind = await listeningServer((response) => void response.end('{}'))
    const passthrough = openPassthrough({ url: behind.url, model: 'up' })
    const tested = testApp({ script: { choices: [answer], upstream: { passthrough } } })
    await asked(tested, { model: 'big', response_format: { type: 'json_object' } })
    expect(await recent(tested)).toMatchObject([
      { steering: 'bypassed', reason: 'response_format', model: 'big', completionTokens: null },
    ])
  })

  test('tell refusals and broken streams with the sentence that the client got', async () => {
    const failure = new GatewayError('upstream_timeout', 'The upstream did not answer in time.')
    const tested = testApp({ script: { choices: [[text('a'), { type: 'fail', error: failure }]] } })
    await asked(tested, { stream: true })
    await asked(tested, { temperature: 9 })
    await tested.app.request('/chat/completions', { method: 'POST' })
    expect(await recent(tested)).toMatchObject([
      { route: 'unmatched', status: 404, error: { code: 'unknown_url' } },
      {
        status: 400,
        steering: 'none',
        error: { code: 'invalid_request', message: expect.stringContaining('temperature') },
      },
      { status: 200, steering: 'on', error: { code: failure.code, message: failure.message } },
    ])
  })

  test('hold no text of question, answer or key', async () => {
    const tested = testApp({ script: { choices: [[text('xyzzy'), end(1)]] } })
    const messages = [{ role: 'user', content: 'xyzzy' }]
    await asked(tested, { messages, user: 'xyzzy', stop: 'xyzzy' }, { authorization: 'Bearer xyzzy' })
    await asked(tested, { messages: [{ role: 'xyzzy', content: 'xyzzy' }] })
    expect(await recent(tested)).toHaveLength(2)
    expect(JSON.stringify(await recent(tested))).not.toContain('xyzzy')
  })

  test('leave out what asks for no answer', async () => {
    const tested = testApp({ script: { choices: [answer] } })
    for (const path of ['/v1/models', '/costeer/v1/settings', '/healthz', '/nothing']) {
      await tested.app.request(path)
    }
    expect(await recent(tested)).toEqual([])
  })
})

describe('where keys are configured', () => {
  const keys = [
    { key: 'sk-admin', admin: true },
    { key: 'sk-ann', admin: false },
    { key: 'sk-ben', admin: false },
  ]

  test('an admin sees all requests, and others their own', async () => {
    const tested = testApp({ script: { choices: [answer] }, server: { keys } })
    for (const key of ['sk-ann', 'sk-ben', 'sk-wrong']) {
      await asked(tested, {}, { authorization: `Bearer ${key}`, 'user-agent': key.slice(3) })
    }
    const clients = async (key: string) => (await recent(tested, key)).map(({ client }) => client)
    expect(await clients('sk-ann')).toEqual(['ann'])
    expect(await clients('sk-ben')).toEqual(['ben'])
    expect(await clients('sk-admin')).toEqual(['wrong', 'ben', 'ann'])
  })

  test('refusals of one kind that follow each other take one place', async () => {
    const tested = testApp({ script: { choices: [answer] }, server: { keys } })
    await asked(tested, {}, { authorization: 'Bearer sk-ann' })
    for (let round = 0; round < 300; round++) await asked(tested, {}, { authorization: 'Bearer sk-wrong' })
    expect(await recent(tested, 'sk-admin')).toMatchObject([
      { status: 401, times: 300, error: { code: 'invalid_api_key' } },
      { status: 200, times: 1 },
    ])
  })
})
