import fc from 'fast-check'
import { expect, test } from 'vitest'
import { profileSummary, saysNothing } from '../../src/profiles/profile-summary.ts'
import { profiles, sampleProfile } from './sample-profile.ts'

test('holds the first facts that fit whole', () => {
  expect(profileSummary(sampleProfile())).toBe('She is 36 She keeps bees.')
  const long = 'She keeps bees in eleven old hives that her grandmother built. '.repeat(2).trim()
  expect(profileSummary(sampleProfile({ facts: ['She is 36.', long] }))).toBe('She is 36.')
})

test('leaves out a name that stands beside it anyway', () => {
  expect(profileSummary(sampleProfile({ facts: ['Ada is a weaver.'] }))).toBe('A weaver.')
})

test('takes the first paragraph where there are no facts', () => {
  expect(profileSummary(sampleProfile({ facts: [] }))).toBe('She repairs looms.')
})

test('is never long', () => {
  fc.assert(
    fc.property(profiles, fc.string({ maxLength: 400 }), (profile, fact) => {
      expect(profileSummary({ ...profile, facts: [fact] }).length).toBeLessThanOrEqual(112)
    }),
  )
})

test('a profile of nothing but a name and private values says nothing', () => {
  const bare = { facts: [], preferences: [], writing_style: [], about: '', history: [] }
  expect(saysNothing(sampleProfile({ ...bare }))).toBe(true)
  for (const key of ['facts', 'preferences', 'writing_style', 'about', 'history'] as const) {
    expect(saysNothing(sampleProfile({ ...bare, [key]: sampleProfile()[key] }))).toBe(false)
  }
})
