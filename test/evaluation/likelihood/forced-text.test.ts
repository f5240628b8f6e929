import { describe, expect, test } from 'vitest'
import { forceLocal, forceUpstream } from '../../../src/evaluation/likelihood/forced-text.ts'
import { asUpstream, steeredText } from '../../../src/evaluation/likelihood/steered-text.ts'
import { meanNats } from '../../../src/evaluation/likelihood/steering-rule.ts'
import type { LogprobsQuery } from '../../../src/slm/scorer/token-scorer.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../../steer/ftrl-loop.ts'
import { letterVocabulary, randomModel, type TableModel, TableUpstream } from '../../steer/table-models.ts'

const SIZE = 24
const prompt = tokenIds([3, 1])
const text = tokenIds([5, 0, 17, 17, 2, 9, 23, 11, 4, 8])
const { signal } = new AbortController()
const large = randomModel(1, SIZE, 4)
const small = randomModel(2, SIZE, 4)

function scorerOf(model: TableModel) {
  return {
    logprobs: async ({ prefixes, ids }: LogprobsQuery) =>
      prefixes.map((prefix, index) => {
        const logprobs = logSoftmax(model(prefix))
        return Float64Array.from(ids[index] ?? [], (id) => logprobs[id] ?? Number.NaN)
      }),
  }
}

/** Straight from the models' tables, over the whole vocabulary. */
function tableNats(scoreOf: (prefix: readonly number[], token: number) => number): number {
  const nats = text.map((token, position) => {
    const prefix = [...prompt, ...text.slice(0, position)]
    const scores = Array.from({ length: SIZE }, (_, id) => scoreOf(prefix, id))
    return -(logSoftmax(scores)[token] ?? Number.NaN)
  })
  return nats.reduce((sum, value) => sum + value, 0) / nats.length
}

describe('a text that models are made to write', () => {
  const upstream = new TableUpstream(large, letterVocabulary(SIZE))
  const limited = Object.assign(upstream, { limits: { ...upstream.limits, maxCandidates: SIZE } })

  test('has the likelihood that the upstream gives it, whatever K', async () => {
    for (const candidates of [3, 10, SIZE]) {
      const forced = await forceUpstream(limited, { prompt, text, candidates, signal })
      const nats = meanNats(steeredText({ upstream: forced }, candidates), {
        strength: 0,
        sharpness: 1,
        tailBias: 0,
      })
      expect(nats).toBeCloseTo(
        tableNats((prefix, id) => large(prefix)[id] ?? 0),
        4,
      )
    }
  })

  test('has the likelihood that steering gives it when the candidates are the whole vocabulary', async () => {
    const forced = await forceUpstream(limited, { prompt, text, candidates: SIZE, signal })
    const own = tokenIds([7])
    const known = await forceLocal(scorerOf(small), { prompt: own, text, forced, signal })
    const without = await forceLocal(scorerOf(large), { prompt, text, forced, signal })
    const steered = steeredText({ upstream: forced, local: { with: known, without } }, SIZE)
    const rule = { strength: 0.7, sharpness: 1.3, tailBias: 0 }
    const expected = tableNats((prefix, id) => {
      const privately = [...own, ...prefix.slice(prompt.length)]
      const base = logSoftmax(large(prefix))[id] ?? 0
      return 1.3 * (base + 0.7 * ((logSoftmax(small(privately))[id] ?? 0) - base))
    })
    expect(meanNats(steered, rule)).toBeCloseTo(expected, 4)
  })

  test('gives the local model its own likelihood over the candidates of the upstream', async () => {
    const forced = await forceUpstream(limited, { prompt, text, candidates: 6, signal })
    const view = await forceLocal(scorerOf(small), { prompt, text, forced, signal })
    const nats = meanNats(steeredText({ upstream: asUpstream(forced, view) }, 6), {
      strength: 0,
      sharpness: 1,
      tailBias: 0,
    })
    expect(nats).toBeCloseTo(
      tableNats((prefix, id) => small(prefix)[id] ?? 0),
      4,
    )
  })

  test('spreads what is left over tokens that the upstream does not tell', async () => {
    const mute = Object.assign(new TableUpstream(() => new Array(SIZE).fill(0), letterVocabulary(SIZE)), {
      limits: { contextTokens: 100, maxCandidates: 4, maxInFlight: 1 },
    })
    const { real } = await forceUpstream(mute, { prompt, text, candidates: 4, signal })
    for (const logprob of real) expect(logprob).toBeCloseTo(-Math.log(SIZE), 5)
  })
})
