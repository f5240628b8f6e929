import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { ReplicaRoutes } from '../../../src/upstream/wrappers/replica-routes.ts'

const urls = ['http://a', 'http://b', 'http://c']

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
