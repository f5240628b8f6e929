import { describe, expect, test } from 'vitest'
import type { RecentRequestEntry } from '../../../src/proxy/recent/requests-route.ts'
import { figuresOf, shortClient, verdictOf } from '../../../web/requests/request-words.ts'

function entry(changes: Partial<RecentRequestEntry>): RecentRequestEntry {
  return {
    id: 'one',
    at: '2027-01-15T08:00:00.000Z',
    times: 1,
    client: 'curl/8.5.0',
    route: '/v1/chat/completions',
    status: 200,
    model: 'big',
    profile: null,
    steering: 'off',
    reason: null,
    firstTextMs: null,
    durationMs: 100,
    promptTokens: null,
    completionTokens: null,
    cost: null,
    error: null,
    ...changes,
  }
}

describe('what became of a request', () => {
  test('names the profile of a steered answer', () => {
    const steered = entry({ steering: 'on', profile: 'ann' })
    expect(verdictOf(steered, (id) => id.toUpperCase())).toEqual({
      kind: 'steered',
      label: 'steered as ANN',
      why: null,
    })
  })

  test.each([
    ['off', 'no-profile', 'profiles.default'],
    ['off', 'declined', 'asked for no profile'],
    ['off', 'no-strength', 'strength was 0'],
    ['off', 'budget', 'budget'],
    ['bypassed', 'route', 'route'],
    ['bypassed', 'unknown-thinking', 'thinks'],
    ['bypassed', 'messages[2].role', 'asks for messages[2].role'],
  ] as const)('says of %s for %s what to do about it', (steering, reason, words) => {
    const { kind, why } = verdictOf(entry({ steering, reason }), String)
    expect(kind).toBe('unsteered')
    expect(why).toContain(words)
  })

  test('repeats the sentence of an error, and tells a refusal from a stream that broke', () => {
    const error = { code: 'overloaded', message: 'Too much at once.' }
    expect(verdictOf(entry({ status: 429, error }), String)).toEqual({
      kind: 'failed',
      label: 'refused (429)',
      why: 'Too much at once.',
    })
    expect(verdictOf(entry({ steering: 'on', error }), String).label).toBe('broke off')
    expect(verdictOf(entry({ steering: 'bypassed', reason: 'tools', status: 400 }), String).kind).toBe(
      'failed',
    )
  })
})

test.each([
  ['', 'a client without a name'],
  ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', 'a browser'],
  ['OpenAI/Python 2.1.0', 'OpenAI/Python 2.1.0'],
  ['ollama/0.6.4 (x64 linux) Node.js/v20', 'ollama/0.6.4'],
  ['ai-sdk/openai-compatible/2.0.91 ai-sdk/provider-utils/4.0', 'ai-sdk/openai-compatible/2.0.91'],
])('a client that calls itself “%s” is shown as “%s”', (client, short) => {
  expect(shortClient(client)).toBe(short)
})

test('figures are those that are known', () => {
  expect(figuresOf(entry({}))).toBe('0.1 s in all')
  const full = { firstTextMs: 1234, durationMs: 5000, completionTokens: 80, cost: 0.012345 }
  expect(figuresOf(entry(full))).toBe('first word after 1.2 s · 80 tokens · 5.0 s in all · cost 0.0123')
})
