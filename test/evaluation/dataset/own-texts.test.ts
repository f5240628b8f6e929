import { expect, test } from 'vitest'
import { rowsOfProfile } from '../../../src/evaluation/dataset/own-texts.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

test('each text is left out of the profile that it is compared with', () => {
  const profile = sampleProfile()
  const rows = rowsOfProfile(profile)
  expect(rows.map(({ query }) => query)).toEqual([
    'Write this text: Honey',
    'Write this text: Loom',
    'Thank the neighbour',
  ])
  for (const { reference, profile: others } of rows) {
    expect(others.history).toHaveLength(2)
    expect(others.history.map(({ text }) => text)).not.toContain(reference)
  }
})
