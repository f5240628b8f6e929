import { describe, expect, test } from 'vitest'
import { factShare } from '../../../src/evaluation/scores/fact-share.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

const profile = sampleProfile({
  name: 'Ada Lund',
  facts: ['Age: 36', 'Hobbies: Keeps bees behind the orchard; Repairs looms', 'She live in Tromsø.'],
})
const REQUEST = 'Write a letter about your bees.'

function sharesOf(answer: string, reference?: string) {
  return factShare(answer, { profile, request: REQUEST, ...(reference !== undefined && { reference }) })
}

describe("the share of a profile's facts that an answer tells", () => {
  test('counts each thing of a list, the name among them', () => {
    expect(sharesOf('I repair looms. I live in TROMSØ.').all).toBeCloseTo(2 / 5, 12)
    expect(sharesOf('Ada Lund, 36, who repaired looms').all).toBeCloseTo(3 / 5, 12)
    expect(sharesOf('Nothing of hers.').all).toBe(0)
  })

  test("does not count the request's own words", () => {
    expect(sharesOf('Bees, bees, bees!').all).toBe(0)
    expect(sharesOf('The orchard hums, and behind it I keep them.').all).toBeCloseTo(1 / 5, 12)
  })

  test("compares with the facts that the user's own text tells", () => {
    const reference = 'Ada Lund here. My looms need repairing.'
    expect(sharesOf('Ada Lund of Tromsø', reference).used).toBeCloseTo(1 / 2, 12)
    expect(sharesOf('Ada Lund', 'I say nothing.').used).toBeNull()
    expect(sharesOf('Ada Lund').used).toBeNull()
  })
})
