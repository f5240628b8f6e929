import { expect, test } from 'vitest'
import { styleDistance } from '../../../src/evaluation/scores/style-distance.ts'

const BRISK = 'Off we go! No time. The kettle is on; the cake is in. Come round! Bring the dog.'
const LONG =
  'It would be a great pleasure to me, and I dare say to all of us who have been waiting for such a long time, if you were to join the party which we are going to give for him on the evening of the day after tomorrow.'

test("a text is at no distance from its own author's texts when it is one of them", () => {
  expect(styleDistance(BRISK, [BRISK]).overall).toBeCloseTo(0, 9)
})

test('a text of the same manner is nearer than one of another manner', () => {
  const alike = 'In we come! The rain is on; the road is off. Bring the lamp. No fuss!'
  const near = styleDistance(alike, [BRISK])
  const far = styleDistance(LONG, [BRISK])
  for (const part of ['functionWords', 'punctuation', 'sentenceLength', 'overall'] as const) {
    expect(near[part], part).toBeLessThan(far[part])
    expect(far[part], part).toBeLessThanOrEqual(1)
  }
})

test('an empty answer is as far as can be', () => {
  expect(styleDistance('', [BRISK])).toMatchObject({ functionWords: 1, punctuation: 1 })
})
