import { expect, test } from 'vitest'
import { parseProfile } from '../../../src/profiles/files/parse-profile.ts'
import { profileTemplate } from '../../../src/profiles/files/profile-template.ts'

test('the template of a new profile is a valid profile as it stands', () => {
  expect(parseProfile(profileTemplate('new-one', 'Jo "J" O\'Neill: the 1st'), 'f')).toMatchObject({
    profile: { id: 'new-one', name: 'Jo "J" O\'Neill: the 1st', facts: [] },
  })
})
