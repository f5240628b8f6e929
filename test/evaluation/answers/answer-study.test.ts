import { describe, expect, test } from 'vitest'
import { studyAnswers } from '../../../src/evaluation/answers/answer-study.ts'
import { scoreAnswer } from '../../../src/evaluation/answers/score-answer.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'
import { answerOf } from './made-up-answer.ts'

const rows = ['a', 'b', 'c'].map(rowOf)

function rowOf(id: string) {
  return {
    id,
    query: 'Write a letter to Tom.',
    reference: 'Hiya Tom, the roof of the barn leaks again.',
    profile: sampleProfile({
      name: 'Ada Lund',
      facts: ['Home: A barn by the lake'],
      history: [{ task: 'Thank Tom.', text: 'Hiya Tom,\n\nthanks for the ladder.\n\nAda' }],
    }),
  }
}

describe('scores of answers', () => {
  const better = { text: 'Hiya Tom, the barn roof leaks again.', acceptedGuesses: 3, rejectedGuesses: 1 }
  const records = rows.flatMap(({ id }) => [answerOf(id, 'upstream'), answerOf(id, 'costeer', better)])
  const { answers, systems } = studyAnswers(rows, [...records, answerOf('elsewhere', 'upstream')])

  test('are those of each row and system, and no others', () => {
    expect(answers).toHaveLength(6)
    expect(answers[1]?.scores).toMatchObject({ greeting: 1, acceptance: 0.75, tokensPerSecond: 10 })
  })

  test('say whether an answer bears any mark of its writer, where the task calls for one', () => {
    expect(answers.map(({ scores }) => scores.marked)).toEqual([0, 1, 0, 1, 0, 1])
    const essay = { ...rowOf('a'), query: 'Explain the tides.' }
    expect(scoreAnswer(answerOf('a', 'upstream'), essay, undefined).marked).toBeNull()
  })

  test('are summed up for each system, with the change against the plain upstream row by row', () => {
    const [plain, steered] = systems
    expect(plain?.scores.rougeL?.change).toBeNull()
    expect(steered).toMatchObject({ system: 'costeer' })
    const { value, change, rows: count } = steered?.scores.rougeL ?? {}
    expect(count).toBe(3)
    expect(change?.low).toBeGreaterThan(0)
    expect(change?.mean).toBeCloseTo((value?.mean ?? 0) - (plain?.scores.rougeL?.value.mean ?? 0), 9)
  })

  test('are left out where no row calls for them', () => {
    expect(systems[0]?.scores.acceptance).toBeUndefined()
    expect(systems[0]?.scores.phrase).toBeUndefined()
  })
})
