import { expect, test } from 'vitest'
import { answerFigures } from '../../../web/details/answer-figures.ts'
import { tokenTrace } from '../token-trace.ts'

test('counts guesses where there was one, and the pace between the first and the last token', () => {
  const guess = { id: 5, text: ' a' }
  const traces = [
    tokenTrace(' a', { emittedMs: 100, local: { startMs: 0, endMs: 8 } }),
    tokenTrace(' a', { emittedMs: 200, draft: guess, local: { startMs: 0, endMs: 4 } }),
    tokenTrace(' a', { emittedMs: 600, draft: { ...guess, id: 6 }, local: { startMs: 0, endMs: 2 } }),
  ]
  expect(answerFigures(traces)).toEqual({
    tokens: 3,
    tokensPerSecond: 4,
    acceptedShare: 0.5,
    medianUpstreamMs: 10,
    medianLocalMs: 4,
    networkMs: null,
  })
})

test('says nothing where nothing was measured', () => {
  expect(answerFigures([])).toEqual({
    tokens: 0,
    tokensPerSecond: null,
    acceptedShare: null,
    medianUpstreamMs: null,
    medianLocalMs: null,
    networkMs: null,
  })
})
