import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readEnvironment } from '../../../src/environment.ts'
import { findModel } from '../../../src/models/model-folder.ts'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openTokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { installedModel } from '../installed-model.ts'

const recordingSchema = z.object({
  tokens: z.array(z.number()),
  /** After each token llama.cpp's likeliest ids and their log-probabilities. */
  rows: z.array(z.tuple([z.array(z.number()), z.array(z.number())])),
})

const engine = startEngine()
afterAll(() => engine.close())

const qwenIsHere = (await findModel(readEnvironment().costeerHome, 'qwen2.5-coder-0.5b')) !== null

/*
 * Both sides quantise activations to int8, and llama.cpp its K/V cache to float16
 * besides: with a float32 cache it agrees with itself at 95.7 % of SmolLM2's positions,
 * 0.088 apart. Where the best token differs, the two best are near ties.
 */
const cases = [
  { name: 'smollm2-135m', agreement: 0.95, skip: false },
  { name: 'qwen2.5-coder-0.5b', agreement: 0.97, skip: !qwenIsHere },
]

describe.each(cases)('$name on 300 positions of ordinary text', ({ name, agreement, skip }) => {
  let rows: z.infer<typeof recordingSchema>['rows']
  let own: Distribution[]

  beforeAll(async () => {
    if (skip) return
    const file = new URL(`../../fixtures/llama-cpp/${name}.json`, import.meta.url)
    const recording = recordingSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    rows = recording.rows
    const { graph, vocabulary } = await installedModel(name)
    const scorer = await openTokenScorer({ engine, graph, endTokens: vocabulary.endTokens })
    const prefixes = rows.map((_, at) => tokenIds(recording.tokens.slice(0, at + 1)))
    const { signal } = new AbortController()
    own = await scorer.distributions({ prefixes, candidates: 1000, signal })
    await scorer.close()
  })

  test.skipIf(skip)('the log-probabilities are those of llama.cpp', () => {
    const differences = rows.flatMap(([ids, logprobs], at) => {
      const mine = new Map(Array.from(own[at]?.ids ?? [], (id, rank) => [id, own[at]?.logprobs[rank] ?? 0]))
      return ids.map((id, rank) => Math.abs((mine.get(id) ?? Number.NaN) - (logprobs[rank] ?? 0)))
    })
    const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length
    expect(mean).toBeLessThan(0.15)
  })

  test.skipIf(skip)('the best token is that of llama.cpp, but for near ties', () => {
    let agreed = 0
    for (const [at, [ids, logprobs]] of rows.entries()) {
      const best = own[at]?.ids[0] ?? -1
      if (best === ids[0]) agreed++
      else
        expect((logprobs[0] ?? 0) - (logprobs[ids.indexOf(best)] ?? Number.NEGATIVE_INFINITY)).toBeLessThan(
          0.3,
        )
    }
    expect(agreed / rows.length).toBeGreaterThanOrEqual(agreement)
  })
})
