import { describe, expect, test } from 'vitest'
import { RecordedPlace } from '../../../bench/live/recorded-tree.ts'

function top(id: number) {
  return [
    { id, logprob: -0.1 },
    { id: id + 1, logprob: -2 },
  ]
}

function recordedAnswers(): RecordedPlace {
  const recorded = new RecordedPlace()
  recorded.record([1, 2], top(30))
  recorded.record([1, 2, 30], top(40))
  recorded.record([1, 9], top(50))
  return recorded
}

function answerBehind(tokens: readonly number[]) {
  let at = { place: recordedAnswers(), isRecorded: true }
  for (const token of tokens) at = at.place.behind(token, at.isRecorded)
  return at.place.top[0]?.id
}

describe('a recorded server', () => {
  test('answers a recorded sequence as it was answered', () => {
    expect([answerBehind([1, 2]), answerBehind([1, 2, 30]), answerBehind([1, 9])]).toEqual([30, 40, 50])
  })

  test('answers another one as the longest answer was that goes on from where they part, at the same place', () => {
    expect([answerBehind([1, 7]), answerBehind([7, 7, 7]), answerBehind([1, 7, 9])]).toEqual([30, 40, 40])
  })

  test('goes on saying its last behind the end of an answer', () => {
    expect([answerBehind([1, 9, 3]), answerBehind([1, 2, 30, 40, 5])]).toEqual([50, 40])
  })

  test('tells as many candidates as are asked for', () => {
    const recorded = recordedAnswers().behind(1, true).place.behind(2, true).place
    expect([1, 2, 1].map((count) => JSON.parse(recorded.json(count)))).toEqual([
      top(30).slice(0, 1),
      top(30),
      top(30).slice(0, 1),
    ])
  })
})
