import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { type TokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { UpstreamRefusal } from '../../../src/upstream/http/upstream-refusal.ts'
import { CircuitBreaker } from '../../../src/upstream/wrappers/circuit-breaker.ts'
import { circuitBreakingUpstream } from '../../../src/upstream/wrappers/circuit-breaking-upstream.ts'
import { ReplicaRoutes } from '../../../src/upstream/wrappers/replica-routes.ts'
import { replicatedUpstream } from '../../../src/upstream/wrappers/replicated-upstream.ts'
import { byteModel, byteTokenizer } from '../byte-model.ts'
import { type Outcome, scriptedUpstream } from '../scripted-upstream.ts'

const signal = new AbortController().signal
const sampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const away = new GatewayError('upstream_unreachable', 'Away.')
const forever = Array.from({ length: 50 }, () => ({ fails: away }))
const urls = ['http://a', 'http://b', 'http://c']
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
  return upstream.distributions({ prefixes: [prefix], candidates: 3, signal })
}
async function firstOf(upstream: typeof byteModel, prefix: readonly TokenId[]) {
  const tokens: number[] = []
  const query = { prefix, candidates: 3, maxTokens: 4, sampling, signal }
  for await (const { token } of upstream.stream(query)) tokens.push(token)
  return tokens
}

describe('routes', () => {
  const prefix = fc.array(fc.nat(50_000), { minLength: 16, maxLength: 300 }).map(tokenIds)

  test('every replica is in the order once', () => {
    fc.assert(
      fc.property(prefix, (tokens) => {
        expect([...new ReplicaRoutes(urls).order(tokens)].sort()).toEqual([0, 1, 2])
      }),
    )
  })

  test('a conversation that goes on stays where it was, wherever it was', () => {
    fc.assert(
      fc.property(prefix, fc.array(fc.nat(50_000), { maxLength: 100 }), fc.nat(2), (tokens, more, at) => {
        const routes = new ReplicaRoutes(urls)
        routes.answered(tokens, at)
        const kept = tokens.slice(0, tokens.length - (tokens.length % 16))
        const next = [...tokens, ...tokenIds(more.slice(0, kept.length - 16))]
        expect(routes.order(next)[0]).toBe(at)
      }),
    )
  })

  test('without a replica, only its conversations move', () => {
    fc.assert(
      fc.property(prefix, (tokens) => {
        const all = new ReplicaRoutes(urls).order(tokens).map((index) => urls[index])
        const fewer = urls.slice(0, 2)
        const left = new ReplicaRoutes(fewer).order(tokens).map((index) => fewer[index])
        expect(left).toEqual(all.filter((url) => url !== urls[2]))
      }),
    )
  })

  test('conversations spread over the replicas, also with one system prompt', () => {
    const routes = new ReplicaRoutes(urls)
    const counts = [0, 0, 0]
    for (let user = 0; user < 600; user++) {
      const tokens = tokenIds([
        ...Array(100).keys(),
        ...Array.from({ length: 200 }, (_, at) => user * 7 + at),
      ])
      const [first = 0] = routes.order(tokens)
      routes.answered(tokens, first)
      counts[first] = (counts[first] ?? 0) + 1
    }
    for (const count of counts) expect(count).toBeGreaterThan(140)
  })
})

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

describe('behind a circuit breaker', () => {
  const clock = { now: () => 0 }

  test('a server that breaks down is left alone after some calls, streams and queries alike', async () => {
    const scripted = scriptedUpstream(forever)
    const upstream = circuitBreakingUpstream(
      scripted,
      new CircuitBreaker({ where: 'It', clock, threshold: 4 }),
    )
    for (let call = 0; call < 10; call++) {
      const asking = call % 2 === 0 ? ask(upstream, prefixOf('x')) : firstOf(upstream, prefixOf('x'))
      await expect(asking).rejects.toMatchObject({ code: 'upstream_unreachable' })
    }
    expect(scripted.calls()).toBe(4)
  })

  test('refusals and streams that are left do not count', async () => {
    const fails = new UpstreamRefusal(429, 'Busy.')
    const scripted = scriptedUpstream(Array.from({ length: 10 }, () => ({ fails })))
    const upstream = circuitBreakingUpstream(
      scripted,
      new CircuitBreaker({ where: 'It', clock, threshold: 2 }),
    )
    for (let call = 0; call < 10; call++) await expect(ask(upstream, prefixOf('x'))).rejects.toBe(fails)
    for await (const _ of upstream.stream({
      prefix: prefixOf('x'),
      candidates: 2,
      maxTokens: 9,
      sampling,
      signal,
    })) {
      break
    }
    expect(await ask(upstream, prefixOf('x'))).toHaveLength(1)
  })
})
