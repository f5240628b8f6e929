import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProfile } from '../../../src/profiles/files/parse-profile.ts'
import { serializeProfile } from '../../../src/profiles/files/serialize-profile.ts'
import { profiles, sampleProfile } from '../sample-profile.ts'

describe('serializeProfile', () => {
  test('is read back as the same profile (property)', () => {
    fc.assert(
      fc.property(profiles, profiles, (profile, other) => {
        const written = parseProfile(serializeProfile(profile), 'f')
        expect(written).toEqual({ ok: true, profile })
        const over = parseProfile(serializeProfile(profile, serializeProfile(other)), 'f')
        expect(over).toEqual({ ok: true, profile })
      }),
    )
  })

  test('keeps comments and layout of what does not change', () => {
    const source = '# mine\nid: ada\nname: Ada # short\nwriting_style: Dry.\nfacts: [one, two]\nabout: old\n'
    const profile = {
      ...sampleProfile({ preferences: [], writing_style: ['Dry.'], history: [] }),
      facts: ['one', 'two'],
    }
    expect(serializeProfile({ ...profile, about: 'new' }, source)).toBe(
      '# mine\nid: ada\nname: Ada # short\nwriting_style: Dry.\nfacts: [ one, two ]\nabout: new\n',
    )
  })

  test('starts anew from a text that is broken', () => {
    const profile = sampleProfile()
    expect(serializeProfile(profile, 'id: [')).toBe(serializeProfile(profile))
  })
})
