import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forceDeltas } from '../../../src/evaluation/likelihood/forced-deltas.ts'
import { forceUpstream } from '../../../src/evaluation/likelihood/forced-text.ts'
import { steeredText } from '../../../src/evaluation/likelihood/steered-text.ts'
import { meanNats } from '../../../src/evaluation/likelihood/steering-rule.ts'
import type { LocalContinuation } from '../../../src/steer/local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../../steer/ftrl-loop.ts'
import { letterVocabulary, randomModel, TableUpstream, tableContinuation } from '../../steer/table-models.ts'

const SIZE = 24
const prompt = tokenIds([3, 1])
const { signal } = new AbortController()
const large = randomModel(1, SIZE, 4)
const shift = randomModel(2, SIZE, 2)
const prompts = { with: tokenIds([1]), without: tokenIds([2]) }

const texts = fc
  .array(fc.nat({ max: SIZE - 2 }), { minLength: 1, maxLength: 40 })
  .map((numbers) => tokenIds(numbers))

function upstreamOf(size: number) {
  const upstream = new TableUpstream(large, letterVocabulary(SIZE))
  return Object.assign(upstream, { limits: { ...upstream.limits, maxCandidates: size } })
}

test('a text has the likelihood that steering token by token gives it, however long it is', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const continuation = tableContinuation(shift)
      const pair = { open: async () => continuation }
      const forced = await forceUpstream(upstreamOf(SIZE), { prompt, text, candidates: SIZE, signal })
      const deltas = await forceDeltas(pair, { ...prompts, text, forced, strength: 0.6, signal })
      const steered = steeredText({ upstream: forced, local: { deltas } }, SIZE)
      const expected = text.map((token, position) => {
        const answer = text.slice(0, position)
        const base = large([...prompt, ...answer])
        const scores = base.map((score, id) => score + 0.6 * (shift(answer)[id] ?? 0))
        return -(logSoftmax(scores)[token] ?? Number.NaN)
      })
      const mean = expected.reduce((sum, nats) => sum + nats, 0) / text.length
      expect(meanNats(steered, { strength: 0.6, sharpness: 1, tailBias: 0 })).toBeCloseTo(mean, 3)
      expect(continuation.closed).toBe(true)
    }),
  )
})

test('what steering leaves as likely as it was has no delta, nor has what is left out', async () => {
  const text = tokenIds([4, 9])
  const flat: LocalContinuation = tableContinuation(() => new Array(SIZE).fill(5))
  const neutral = (row: LocalContinuation['root']) => ({ ...row, neutralDelta: 5 })
  const pair = {
    open: async () => ({
      ...flat,
      root: neutral(flat.root),
      feed: async () => (await flat.feed(flat.root, text.slice(0, 1))).map(neutral),
    }),
  }
  const forced = await forceUpstream(upstreamOf(6), { prompt, text, candidates: 6, signal })
  const deltas = await forceDeltas(pair, { ...prompts, text, forced, strength: 1, signal })
  const { positions } = steeredText({ upstream: forced, local: { deltas } }, 6)
  for (const { delta } of positions) expect(delta).toEqual(new Float64Array(7))
})

test('a pair that fails on the way is closed, and its failure is told', async () => {
  const continuation = tableContinuation(shift)
  continuation.feed = () => Promise.reject(new Error('out of memory'))
  const pair = { open: async () => continuation }
  const text = tokenIds([4, 9, 2])
  const forced = await forceUpstream(upstreamOf(6), { prompt, text, candidates: 6, signal })
  const deltas = forceDeltas(pair, { ...prompts, text, forced, strength: 1, signal })
  await expect(deltas).rejects.toThrow('out of memory')
  expect(continuation.closed).toBe(true)
})
