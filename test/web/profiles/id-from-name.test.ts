import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isProfileId } from '../../../src/profiles/profile.ts'
import { idFromName } from '../../../web/profiles/id-from-name.ts'

test.each([
  ['Zoë Brown', 'zoe-brown'],
  ['  Ann-Marie  O’Neil ', 'ann-marie-o-neil'],
  ['李雷', ''],
])('makes %j into %j', (name, id) => {
  expect(idFromName(name)).toBe(id)
})

test('is a profile id, or empty where no letter fits', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (name) => {
      const id = idFromName(name)
      expect(id === '' || id === 'none' || isProfileId(id)).toBe(true)
    }),
  )
})
