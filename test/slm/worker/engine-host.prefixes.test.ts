import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import { openTokenScorer, type TokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import type { LocalContinuation, LocalPair } from '../../../src/steer/local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const shape = tinyShapes['llama, 3 queries a key, tied head']
const everyId = Int32Array.from({ length: shape.vocabularySize }, (_, id) => id)
const { signal } = new AbortController()
const privatePrompt = tokenIds(someTokens(150, 1))
const publicPrompt = tokenIds(someTokens(100, 2))

interface Roles {
  readonly engine: Engine
  readonly pair: LocalPair
  readonly scorer: TokenScorer
}

describe('one model as the local pair and as the upstream', () => {
  let prepared: Awaited<ReturnType<typeof prepareTiny>>
  const engines: Engine[] = []
  beforeAll(async () => {
    prepared = await prepareTiny(shape)
  })
  afterAll(async () => {
    for (const engine of engines) await engine.close()
    await prepared.remove()
  })

  async function roles(cacheBytes = 2 ** 26): Promise<Roles> {
    const engine = startEngine({ threads: 2 })
    engines.push(engine)
    const { graph } = prepared
    return {
      engine,
      pair: await openLocalPair({ engine, graph, cacheBytes }),
      scorer: await openTokenScorer({ engine, graph, endTokens: [], cacheBytes }),
    }
  }
  function open({ pair }: Roles): Promise<LocalContinuation> {
    return pair.open({ with: privatePrompt, without: publicPrompt, strength: 1, signal })
  }
  async function deltas(roles: Roles) {
    const continuation = await open(roles)
    const values = new Float64Array(everyId.length)
    continuation.root.deltasInto(everyId, values)
    continuation.close()
    return { values, ...continuation.prefill }
  }
  async function cacheBytes({ engine }: Roles) {
    return (await engine.usage())?.cacheBytes
  }
  async function score({ scorer }: Roles) {
    const [position] = await scorer.logprobs({ prefixes: [publicPrompt], ids: [everyId], signal })
    return position
  }

  test('what the upstream has read, the pair does not read again, and its numbers are the same bits', async () => {
    const apart = await deltas(await roles(0))
    const both = await roles()
    await score(both)
    const after = await deltas(both)
    expect(after.cachedTokens).toBe(96)
    expect(after.values).toEqual(apart.values)
  })

  test('and the other way round', async () => {
    const apart = await score(await roles(0))
    const both = await roles()
    await deltas(both)
    const before = await cacheBytes(both)
    expect(before).toBeGreaterThan(0)
    expect(await score(both)).toEqual(apart)
    expect(await cacheBytes(both)).toBe(before)
  })

  test('a role that is closed takes its rows along', async () => {
    const both = await roles()
    await score(both)
    await both.scorer.close()
    expect((await deltas(both)).cachedTokens).toBe(0)
  })
})
