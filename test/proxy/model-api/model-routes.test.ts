import { describe, expect, test } from 'vitest'
import type { ModelRoutesOptions } from '../../../src/proxy/model-api/model-routes.ts'
import { modelChoicesSchema } from '../../../src/proxy/model-api/model-wire.ts'
import { fakeChoices } from '../../gateway/choosing/fake-choices.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { testApp } from '../app-under-test/test-app.ts'

const keys = [
  { key: 'sk-admin', admin: true },
  { key: 'sk-plain', admin: false },
]
const script = { choices: [[text('x'), end(1)]] }

function post(body: object, key?: string): RequestInit {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
  }
}

describe('the routes about models', () => {
  test('tell what answers, what fits, and how far a change is', async () => {
    const { choices, set } = fakeChoices()
    const { app } = testApp({ script, choices })
    const begun = await app.request('/costeer/v1/models/serve', post({ large: null, small: 'qwen3-0.6b' }))
    expect(begun.status).toBe(202)
    set({ state: 'fetching', receivedBytes: 5, totalBytes: 10 })
    const response = await app.request('/costeer/v1/models')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { work, now, configured } = modelChoicesSchema.parse(await response.json())
    expect(work).toMatchObject({ choice: { large: null, small: 'qwen3-0.6b' }, receivedBytes: 5 })
    expect(now.small).toBe('smollm2-135m')
    expect(configured.fitting).toContain('qwen3-0.6b')
  })

  test('are open to admin keys alone, reading included', async () => {
    const { app } = testApp({ script, server: { keys }, choices: fakeChoices().choices })
    const requests: [string, RequestInit][] = [
      ['', { headers: { authorization: 'Bearer sk-plain' } }],
      ['/serve', post({ large: null, small: null }, 'sk-plain')],
      ['/fetch', post({ model: 'qwen3-0.6b' }, 'sk-plain')],
      ['/stop', post({}, 'sk-plain')],
    ]
    for (const [path, init] of requests) {
      const response = await app.request(`/costeer/v1/models${path}`, init)
      expect([path, response.status]).toEqual([path, 403])
      expect(await response.text()).toContain('admin_key_required')
    }
    const admitted = await app.request(
      '/costeer/v1/models/serve',
      post({ large: null, small: null }, 'sk-admin'),
    )
    expect(admitted.status).toBe(202)
  })

  test('refuse what is no choice', async () => {
    const { app } = testApp({ script, choices: fakeChoices().choices })
    const response = await app.request('/costeer/v1/models/serve', post({ large: 'a' }))
    expect(response.status).toBe(400)
  })

  test('let a change wait for the requests that run at that time', async () => {
    const ended: Promise<void>[] = []
    const choices: ModelRoutesOptions['choices'] = {
      ...fakeChoices().choices,
      serve: async (_choice, answersEnd) => void ended.push(answersEnd()),
    }
    const { app } = testApp({ script, choices })
    const body = { messages: [{ role: 'user', content: 'Hello' }], stream: true }
    const streaming = await app.request('/v1/chat/completions', post(body))
    await app.request('/costeer/v1/models/serve', post({ large: null, small: null }))
    let hasEnded = false
    const waiting = ended[0]?.then(() => {
      hasEnded = true
    })
    await new Promise(setImmediate)
    expect(hasEnded).toBe(false)
    await streaming.text()
    await waiting
    expect(hasEnded).toBe(true)
  })
})
