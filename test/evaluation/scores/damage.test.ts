import { describe, expect, test } from 'vitest'
import { lostValues, wrongValues } from '../../../src/evaluation/scores/damage.ts'

const REQUEST = 'Tell my team that the review with Dana has moved to five on Thursday, in room 12.'

function wrongIn(answer: string, allowed = '') {
  return wrongValues(answer, { request: REQUEST, allowed }).map(({ kind, value }) => `${kind} ${value}`)
}

describe('values of a request that an answer gets wrong', () => {
  test('are those for which it has another one', () => {
    expect(wrongIn('The review is now at 4 pm on Friday, in room 14.')).toEqual([
      'time 5:00',
      'number 12',
      'weekday thursday',
    ])
  })

  test('are not those that it has in other words, or leaves out', () => {
    expect(wrongIn('The review is now at 5:00 p.m. on Thursday, room 12.')).toEqual([])
    expect(wrongIn('The review is at 17:00, room twelve.')).toEqual([])
    expect(wrongIn('The review has moved.')).toEqual([])
  })

  test('are not those for which it has a value of the profile', () => {
    expect(wrongIn('We meet on Friday as I always do.', 'Yoga on Friday.')).toEqual([])
  })
})

test('values are lost that another answer has', () => {
  const other = 'Dear team, the review with Dana is at five on Thursday.'
  const lost = lostValues('Dear team, our review is on Thursday.', { request: REQUEST, other })
  expect(lost).toEqual([
    { kind: 'time', value: '5:00' },
    { kind: 'name', value: 'dana' },
  ])
  expect(lostValues(other, { request: REQUEST, other })).toEqual([])
})
