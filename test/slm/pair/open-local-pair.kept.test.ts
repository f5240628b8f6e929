import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import type { LocalPair } from '../../../src/steer/local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const shape = tinyShapes['llama, 3 queries a key, tied head']
const everyId = Int32Array.from({ length: shape.vocabularySize }, (_, id) => id)

/** Two prompts, of which 144 and 96 tokens fill blocks. */
const beginning = { with: someTokens(150, 1), without: someTokens(100, 2) }
/** Those of a question after them. */
const question = {
  with: Int32Array.of(...beginning.with.subarray(0, 140), ...someTokens(30, 3)),
  without: Int32Array.of(...beginning.without.subarray(0, 90), ...someTokens(30, 4)),
}
type Prompts = typeof beginning

describe('what a local pair keeps on disk', () => {
  let graph: BuiltGraph
  let remove: () => Promise<void>
  let keptFolder: string
  const engines: Engine[] = []
  beforeAll(async () => {
    const prepared = await prepareTiny(shape)
    graph = prepared.graph
    remove = prepared.remove
  })
  beforeEach(() => {
    keptFolder = join(temporaryFolder(), 'read')
  })
  afterAll(async () => {
    for (const engine of engines) await engine.close()
    await remove()
  })

  /** A pair of a new process, as far as its memory goes. */
  async function started(folder: string | null = keptFolder): Promise<LocalPair> {
    const engine = startEngine({ threads: 2 })
    engines.push(engine)
    return openLocalPair({ engine, graph, cacheBytes: 2 ** 26, keptFolder: folder })
  }
  async function read(pair: LocalPair, prompts: Prompts, keepFor?: string) {
    const { signal } = new AbortController()
    const continuation = await pair.open({
      with: tokenIds(prompts.with),
      without: tokenIds(prompts.without),
      strength: 1,
      signal,
    })
    const answer = await continuation.feed(continuation.root, tokenIds(someTokens(20, 5)))
    const deltas = [continuation.root, ...answer].map((row) => {
      const values = new Float64Array(everyId.length)
      row.deltasInto(everyId, values)
      return values
    })
    continuation.close(keepFor === undefined ? undefined : { keepFor })
    return { deltas, ...continuation.prefill }
  }
  function blocks(): string[] {
    const paths = existsSync(keptFolder) ? readdirSync(keptFolder, { recursive: true, encoding: 'utf8' }) : []
    return paths.filter((path) => /\/[0-9a-f]{64}$/.test(path)).sort()
  }
  async function kept(pair: LocalPair, owner = 'ada'): Promise<void> {
    await read(pair, beginning, owner)
    await vi.waitFor(() => expect(blocks()).toHaveLength(9 + 6))
  }

  test('the next process finds it, and its numbers are the same bits', async () => {
    const cold = await read(await started(null), question)
    expect([cold.cachedTokens, cold.keptTokens]).toEqual([0, 0])
    await kept(await started())
    const warm = await read(await started(), question)
    expect([warm.cachedTokens, warm.keptTokens]).toEqual([128 + 80, 128 + 80])
    expect(warm.deltas).toEqual(cold.deltas)
  })

  test('what it took from disk it finds in memory from then on', async () => {
    await kept(await started())
    const pair = await started()
    await read(pair, beginning)
    rmSync(keptFolder, { recursive: true })
    const again = await read(pair, beginning)
    expect([again.cachedTokens, again.keptTokens]).toEqual([144 + 96, 0])
  })

  test('a broken file is computed anew, and what follows it in memory or on disk is found again', async () => {
    const cold = await read(await started(null), question)
    await kept(await started())
    for (const path of blocks().slice(0, 4)) {
      const file = join(keptFolder, path)
      writeFileSync(file, readFileSync(file).fill(7, 100, 200))
    }
    const warm = await read(await started(), question)
    expect(warm.cachedTokens).toBeLessThan(128 + 80)
    expect(warm.deltas).toEqual(cold.deltas)
  })

  test('nothing of a conversation, whatever it is and however it goes on', async () => {
    const pair = await started()
    await kept(pair)
    const before = blocks()
    const some = fc.integer({ min: 1, max: 200 })
    await fc.assert(
      fc.asyncProperty(some, some, fc.boolean(), async (long, seed, isFollowing) => {
        const own = someTokens(long, seed + 10)
        const prompt = isFollowing ? Int32Array.of(...beginning.with, ...own) : own
        await read(pair, { with: prompt, without: own })
      }),
      { numRuns: 15 },
    )
    // What is kept after them is written after them
    const other = { with: someTokens(16, 500), without: someTokens(16, 500) }
    await read(pair, other, 'bob')
    await vi.waitFor(() => expect(blocks().length).toBeGreaterThan(before.length))
    expect(blocks().filter((path) => !path.includes('/bob/'))).toEqual(before)
    expect(blocks()).toHaveLength(before.length + 1)
  })

  test('of an owner that is renewed only what is kept again', async () => {
    const pair = await started()
    await kept(pair)
    pair.kept?.renew('ada')
    await read(pair, { ...beginning, with: beginning.without }, 'ada')
    pair.kept?.trim(['ada'])
    await vi.waitFor(() => expect(blocks()).toHaveLength(6))
  })

  test('nothing of an owner that is gone', async () => {
    const pair = await started()
    await kept(pair)
    pair.kept?.trim([])
    await vi.waitFor(() => expect(blocks()).toEqual([]))
  })

  test('nothing where no folder is named', async () => {
    const pair = await started(null)
    await read(pair, beginning, 'ada')
    expect(pair.kept).toBeUndefined()
    expect(blocks()).toEqual([])
  })

  test('nothing where the folder cannot be written, and it answers all the same', async () => {
    writeFileSync(keptFolder, 'a file')
    const pair = await started()
    await read(pair, beginning, 'ada')
    expect((await read(pair, beginning)).cachedTokens).toBe(144 + 96)
  })
})
