import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { logprobsOf } from '../../../src/slm/decoder/top-candidates.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import { lab, llamaServerIsHere, startLlamaServer } from './llama-server.ts'
import { manyLines } from './many-lines.ts'
import { note } from './noted-differences.ts'

const file = join(lab, 'models', 'gemma-3-270m.Q4_K_M.gguf')
/** The last ones lie behind its window of 512 tokens. */
const lengths = [12, 64, 200, 400, 511, 513, 600, 760]

/** Prose first, since weights that were trained say little of noise. */
const text = `${'The ferry leaves at six, and nobody waits for those who are late. '.repeat(4)}${manyLines(60).join('\n')}`

describe.skipIf(!llamaServerIsHere || !existsSync(file))('Gemma 3 270M beside llama-server', () => {
  test('has the same log-probabilities but for rounding, also behind its window', async () => {
    const server = await startLlamaServer(file)
    const prompt = Int32Array.from([2, ...(await server.tokenize(text))]).subarray(0, Math.max(...lengths))
    const said = []
    for (const length of lengths) said.push(await server.top(prompt.subarray(0, length), 20))
    await server.stop()
    const folder = await mkdtemp(join(tmpdir(), 'gemma-'))
    const options = { source: 'gemma', openWeights: () => openGguf(file) }
    const graph = await prepareGraph(join(folder, 'graph'), options)
    const session = await DecoderSession.create(graph, { kind: 'logits', threads: 2 })
    const cache = new KeyValueCache(session.shape)
    const differences: number[] = []
    for (const [at, length] of lengths.entries()) {
      let logits = new Float32Array(0)
      while (cache.length < length) {
        const count = stepTokens(cache.length, length - cache.length)
        const tokens = prompt.subarray(cache.length, cache.length + count)
        logits = (await session.run({ streams: [{ cache, tokens }] })).logits
          ?.data as Float32Array<ArrayBuffer>
      }
      const [ids = [], logprobs = []] = said[at] ?? []
      const own = logprobsOf(logits, Int32Array.from(ids)).logprobs
      const apart = logprobs.map((logprob, rank) => Math.abs(logprob - (own[rank] ?? Number.NaN)))
      differences.push(apart.reduce((sum, one) => sum + one, 0) / apart.length)
    }
    await session.release()
    await rm(folder, { recursive: true })
    const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length
    await note(
      `gemma-3-270m Q4_K_M: ${mean.toFixed(4)} nats (${differences.map((one) => one.toFixed(3)).join(' ')})`,
    )
    // Both sides quantise activations, each in its own way: 0.20 was measured.
    expect(mean).toBeLessThan(0.25)
  })
})
