import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordedStrength } from '../../../bench/lookahead/recorded-strength.ts'
import { readTraces } from '../../../bench/lookahead/recorded-trace.ts'
import { writeTraces, writtenStep } from '../../../bench/lookahead/written-trace.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const VOCABULARY = 2000
const STRENGTH = 0.6

const logprobs = fc.array(fc.float({ min: -20, max: 0, noNaN: true }), {
  minLength: VOCABULARY,
  maxLength: VOCABULARY,
})

test('a written answer is read as what the models said of its likeliest tokens', async () => {
  await fc.assert(
    fc.asyncProperty(logprobs, logprobs, logprobs, async (upstream, without, withProfile) => {
      const dense = [upstream, without, withProfile].map((values) => Float64Array.from(values))
      const [first, second, third] = dense as [Float64Array, Float64Array, Float64Array]
      const steered = first.map((value, id) => value + STRENGTH * ((third[id] ?? 0) - (second[id] ?? 0)))
      const token = steered.indexOf(Math.max(...steered))
      const seen = { token, upstream: first, without: second, with: third }
      const folder = temporaryFolder()
      const answer = { id: 'a', text: 'text', prompt: [1, 2], privatePromptLength: 9, strength: STRENGTH }
      const steps = [writtenStep(seen, STRENGTH), writtenStep(seen, STRENGTH)]
      await writeTraces(folder, [{ ...answer, steps }])

      const [read] = await readTraces(folder)
      expect(read?.prompt).toEqual([1, 2])
      expect(recordedStrength(read === undefined ? [] : [read])).toBe(STRENGTH)
      expect(read?.steps).toHaveLength(2)
      const step = read?.steps[1]
      expect(step?.token).toBe(token)
      const kept = new Set(step?.ids)
      for (const [place, id] of (step?.ids ?? []).entries()) {
        expect(step?.upstream[place]).toBeCloseTo(first[id] ?? 0, 4)
        expect(step?.without[place]).toBeCloseTo(second[id] ?? 0, 4)
        expect(step?.delta[place]).toBeCloseTo((third[id] ?? 0) - (second[id] ?? 0), 4)
      }
      const outside = [...first].flatMap((value, id) => (kept.has(id) ? [] : [value]))
      // The smallest value that the 512 likeliest have
      const bound = [...first].sort((a, b) => b - a)[511] ?? 0
      expect(Math.max(...outside)).toBeLessThanOrEqual(bound)
      const deltas = third.map((value, id) => value - (second[id] ?? 0))
      const restDeltas = [...deltas].filter((_, id) => !kept.has(id))
      expect(step?.maxDeltaRest).toBeCloseTo(Math.max(...restDeltas), 4)
    }),
    { numRuns: 5 },
  )
})

test('an answer of no more tokens than are kept has nothing left out', async () => {
  const few = Float64Array.of(-1, -2, -0.5)
  const step = writtenStep({ token: 2, upstream: few, without: few, with: few }, 1)
  const folder = join(temporaryFolder(), 'new')
  const answer = { id: 'b', text: '', prompt: [], privatePromptLength: 0, strength: 1, steps: [step] }
  await writeTraces(folder, [answer])
  const [read] = await readTraces(folder)
  expect(read?.steps[0]).toMatchObject({ ids: Int32Array.of(2, 0, 1), maxDeltaRest: 0 })
})
