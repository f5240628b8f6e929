import { expect, test } from 'vitest'
import { repetition } from '../../../../src/evaluation/scores/repetition.ts'
import { recordedExample } from '../../../../web/compare/example/recorded-example.ts'

const { plain, steered } = recordedExample
const text = steered.map((part) => (typeof part === 'string' ? part : part.word)).join('')

test('the recorded answers differ, in words that the profile changed, and go in no circles', () => {
  expect(steered.filter((part) => typeof part !== 'string').length).toBeGreaterThan(8)
  expect(text.slice(0, 20)).not.toBe(plain.slice(0, 20))
  for (const one of [plain, text]) expect(repetition(one).most).toBeLessThanOrEqual(2)
})
