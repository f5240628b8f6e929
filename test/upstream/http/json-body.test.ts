import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runWhole } from '../../../src/sliced-work.ts'
import { isLarge, writingJson } from '../../../src/upstream/http/json-body.ts'

test('any body is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant(undefined))), (body) => {
      expect(runWhole(writingJson(body))).toBe(JSON.stringify(body))
    }),
  )
})

const ids = Array.from({ length: 100_000 }, (_, at) => at)

test.each([
  ['a list', ids],
  ['lists', [ids, [1], ids.slice(0, 5000)]],
  ['an undefined item beside one', [undefined, ids, 'text']],
])('others have their turn in the middle of %s of many numbers', (_, prompt) => {
  const work = writingJson({ model: 'm', prompt, n_predict: 1 })
  let turns = 0
  let step = work.next()
  for (; !step.done; step = work.next()) turns++
  expect(turns).toBeGreaterThan(20)
  expect(step.value).toBe(JSON.stringify({ model: 'm', prompt, n_predict: 1 }))
})

test('a usual body is written at once', () => {
  expect(isLarge({ prompt: [[1, 2, 3]], n_predict: 1 })).toBe(false)
  expect(isLarge({ prompt: [[1, 2, 3], ids], n_predict: 1 })).toBe(true)
})
