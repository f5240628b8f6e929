import { describe, expect, test } from 'vitest'
import { PrefixCache } from '../../../src/slm/cache/prefix-cache.ts'
import { RecentLogits } from '../../../src/slm/cache/recent-logits.ts'
import { SequenceSlots } from '../../../src/slm/cache/sequence-slots.ts'
import type { DecoderStep, LogitsDecoder } from '../../../src/slm/decoder/decoder.ts'
import { ScoreJob } from '../../../src/slm/scorer/score-job.ts'

const shape = {
  layers: 1,
  heads: 1,
  kvHeads: 1,
  headDim: 2,
  vocabularySize: 3,
  contextTokens: 100,
  locality: null,
}

/** Its logits favour the token that a row has read. */
function recordingDecoder(): { readonly decoder: LogitsDecoder; readonly read: number[][] } {
  const read: number[][] = []
  const decoder: LogitsDecoder = {
    shape,
    async run({ streams: [stream], headRows = [] }: DecoderStep) {
      const tokens = [...(stream?.tokens ?? [])]
      read.push(tokens)
      const rows = { values: new Float32Array(tokens.length * 4), count: tokens.length }
      stream?.cache.append(rows, 0, tokens.length)
      return Float32Array.from(headRows.flatMap((row) => [0, 1, 2].map((id) => (id === tokens[row] ? 9 : 0))))
    },
    release: async () => {},
  }
  return { decoder, read }
}

async function scored(recent: RecentLogits, prefixes: readonly (readonly number[])[]) {
  const { decoder, read } = recordingDecoder()
  const slots = new SequenceSlots(shape, new PrefixCache(0), 2 ** 20)
  const sequences = prefixes.map((prefix) => Int32Array.from(prefix))
  const job = new ScoreJob(decoder, slots, { prefixes: sequences, candidates: 1, recent })
  for (;;) {
    const positions = await job.step(64)
    if (positions) return { best: positions.map(({ ids }) => ids[0]), read }
  }
}

describe('distributions after sequences', () => {
  test('are computed together where one sequence continues another', async () => {
    const { best, read } = await scored(new RecentLogits(), [[0, 1], [2], [0, 1, 2]])
    expect(best).toEqual([1, 2, 2])
    expect(read).toEqual([[0, 1, 2], [2]])
  })

  test('that a pair has computed a moment ago are not computed again', async () => {
    const recent = new RecentLogits()
    recent.join()
    recent.keep(Int32Array.of(0, 1, 2), Float32Array.of(5, 0, 0))
    recent.keep(Int32Array.of(2), Float32Array.of(5, 0, 0))
    const { best, read } = await scored(recent, [[0, 1], [2], [0, 1, 2]])
    expect(best).toEqual([1, 0, 0])
    expect(read).toEqual([[0, 1]])
    expect((await scored(recent, [[2], [2]])).read).toEqual([])
  })
})
