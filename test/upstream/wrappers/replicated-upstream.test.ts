import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { UpstreamRefusal } from '../../../src/upstream/http/upstream-refusal.ts'
import { replicatedUpstream } from '../../../src/upstream/wrappers/replicated-upstream.ts'
import { byteModel, byteTokenizer } from '../served-model/byte-model.ts'
import { type Outcome, scriptedUpstream } from './scripted-upstream.ts'

const signal = new AbortController().signal
const sampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const away = new GatewayError('upstream_unreachable', 'Away.')
const forever = Array.from({ length: 50 }, () => ({ fails: away }))
function prefixOf(text: string): TokenId[] {
  return byteTokenizer.encode(text.padEnd(64, '.'))
}

function replicated(first: readonly Outcome[], second: readonly Outcome[] = []) {
  const servers = [scriptedUpstream(first), scriptedUpstream(second)] as const
  const [a, b] = servers
  const upstream = replicatedUpstream([
    { url: 'http://a', upstream: a },
    { url: 'http://b', upstream: b },
  ])
  return { upstream, servers, calls: () => servers.map((server) => server.calls()) }
}

function ask(upstream: typeof byteModel, prefix: readonly TokenId[]) {
  return upstream.distributions({ prefixes: [unguarded(prefix)], candidates: 3, signal })
}
async function firstOf(upstream: typeof byteModel, prefix: readonly TokenId[]) {
  const tokens: number[] = []
  const query = { prefix: unguarded(prefix), candidates: 3, maxTokens: 4, sampling, signal }
  for await (const { token } of upstream.stream(query)) tokens.push(token)
  return tokens
}

describe('replicas', () => {
  test('answer as one of them, and a conversation asks always the same one', async () => {
    const { upstream, calls } = replicated([])
    const prefix = prefixOf('one conversation')
    for (let turn = 0; turn < 5; turn++)
      expect(await ask(upstream, prefix)).toEqual(await ask(byteModel, prefix))
    expect(calls().sort()).toEqual([0, 5])
  })

  test('where one breaks down before the first token, the other answers and keeps the conversation', async () => {
    const { upstream, calls } = replicated(forever)
    for (let user = 0; user < 20; user++) {
      const prefix = prefixOf(`user ${user}`)
      expect(await firstOf(upstream, prefix)).toEqual(await firstOf(byteModel, prefix))
    }
    const tried = calls()[0] ?? 0
    expect(tried).toBeGreaterThan(0)
    for (let user = 0; user < 20; user++) await firstOf(upstream, prefixOf(`user ${user}`))
    expect(calls()).toEqual([tried, 40])
  })

  test('a stream that breaks behind its first token is not sent to the other', async () => {
    const broken = [{ fails: away, afterFirst: true }] as const
    const { upstream, calls } = replicated(broken, broken)
    await expect(firstOf(upstream, prefixOf('x'))).rejects.toBe(away)
    expect(calls().sort()).toEqual([0, 1])
  })

  test('refusals are passed on', async () => {
    const busy = new UpstreamRefusal(429, 'Busy.')
    const { upstream, calls } = replicated([{ fails: busy }], [{ fails: busy }])
    await expect(ask(upstream, prefixOf('x'))).rejects.toBe(busy)
    expect(calls().sort()).toEqual([0, 1])
  })

  test('all away is the failure of the last', async () => {
    const { upstream } = replicated(forever, forever)
    await expect(ask(upstream, prefixOf('x'))).rejects.toBe(away)
  })

  test('of different models are refused', () => {
    const other = { ...byteModel, model: 'other' }
    expect(() =>
      replicatedUpstream([
        { url: 'http://a', upstream: byteModel },
        { url: 'http://b', upstream: other },
      ]),
    ).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })
})
