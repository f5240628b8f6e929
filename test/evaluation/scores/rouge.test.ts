import { expect, test } from 'vitest'
import { rouge } from '../../../src/evaluation/scores/rouge.ts'
import { rougePairs } from './rouge-pairs.ts'

test.each(rougePairs)('gives what rouge-score gives: $answer', ({ answer, reference, scores }) => {
  const own = rouge(answer, reference)
  for (const [name, score] of Object.entries(scores))
    expect(own[name as keyof typeof own], name).toBeCloseTo(score, 4)
})
