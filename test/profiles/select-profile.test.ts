import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import type { ProfileCaller, ProfileMapping } from '../../src/profiles/select-profile.ts'
import { openProfiles, selectProfile } from '../../src/profiles/select-profile.ts'

const known = new Set(['ada', 'bob', 'eve', 'home'])
const hashed = { sha256: createHash('sha256').update('key-bob').digest('hex'), profile: 'bob' }
const keys = [
  { key: 'key-ada', profile: 'ada' },
  hashed,
  { key: 'key-shared' },
  { key: 'key-front', user_headers: true },
  { key: 'key-off', profile: 'none' },
]
const open: ProfileMapping = { default: 'home', users: { 'u-eve': 'eve', 'u-ada': 'ada', 'u-off': 'none' } }
const keyed: ProfileMapping = { ...open, keys }

/** The chosen id, or the code of the failure. */
function outcome(mapping: ProfileMapping, caller: ProfileCaller): string | null {
  try {
    return selectProfile(caller, { mapping, exists: (id) => known.has(id) })
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

describe('selectProfile', () => {
  test.each<[string, ProfileMapping, ProfileCaller, string | null]>([
    ['nothing mapped', {}, {}, null],
    ['the default', open, {}, 'home'],
    ['any key without listed ones', open, { apiKey: 'anything' }, 'home'],
    ['user before default', open, { user: 'u-eve' }, 'eve'],
    ['an unmapped user', open, { user: 'u-unknown' }, 'home'],
    ['a user named like a property of every object', open, { user: 'constructor' }, 'home'],
    ['a user mapped to none', open, { user: 'u-off' }, null],
    ['named before user', open, { user: 'u-eve', profile: 'bob' }, 'bob'],
    ['none by name', open, { user: 'u-eve', profile: 'none' }, null],
    ['an unknown name', open, { profile: 'zoe' }, 'profile_not_found'],
    ['a name that is a path', open, { profile: '../ada' }, 'profile_not_found'],
    ['the key before the default', keyed, { apiKey: 'key-ada' }, 'ada'],
    ['a hashed key', keyed, { apiKey: 'key-bob' }, 'bob'],
    ['no key', keyed, {}, 'invalid_api_key'],
    ['an empty key', keyed, { apiKey: '' }, 'invalid_api_key'],
    ['an unknown key', keyed, { apiKey: 'key-eve' }, 'invalid_api_key'],
    ['the hash itself as key', keyed, { apiKey: hashed.sha256 }, 'invalid_api_key'],
    ['an unknown key that asks for none', keyed, { apiKey: 'x', profile: 'none' }, 'invalid_api_key'],
    ['a key bound to none', keyed, { apiKey: 'key-off' }, null],
    ['a key bound to none that names one', keyed, { apiKey: 'key-off', profile: 'ada' }, 'profile_not_found'],
    ['a shared key', keyed, { apiKey: 'key-shared' }, 'home'],
    ['a shared key for a user', keyed, { apiKey: 'key-shared', user: 'u-eve' }, 'eve'],
    ['a shared key that names one', keyed, { apiKey: 'key-shared', profile: 'bob' }, 'bob'],
    ['a bound key that names its own', keyed, { apiKey: 'key-ada', profile: 'ada' }, 'ada'],
    ['a bound key that names another', keyed, { apiKey: 'key-ada', profile: 'bob' }, 'profile_not_found'],
    ['a bound key that declines', keyed, { apiKey: 'key-ada', profile: 'none' }, null],
    ['a bound key for its own user', keyed, { apiKey: 'key-ada', user: 'u-ada' }, 'ada'],
    ["a bound key for another's user", keyed, { apiKey: 'key-ada', user: 'u-eve' }, 'profile_not_found'],
    ["a front end's user without keys", open, { frontEndUsers: ['u-eve'] }, 'eve'],
    ["a front end's user over the field", open, { user: 'u-ada', frontEndUsers: ['u-eve'] }, 'eve'],
    ['the first of them that is mapped', open, { frontEndUsers: ['id-7', 'u-eve', 'u-ada'] }, 'eve'],
    ['an unmapped one, whatever the field says', open, { user: 'u-ada', frontEndUsers: ['id-7'] }, 'home'],
    ['one mapped to none', open, { frontEndUsers: ['u-off'] }, null],
    ['one named like a property of every object', open, { frontEndUsers: ['toString'] }, 'home'],
    ['two in one header', open, { frontEndUsers: ['u-eve, u-ada'] }, 'home'],
    ['a profile by name over it', open, { frontEndUsers: ['u-eve'], profile: 'bob' }, 'bob'],
    ["a front end's key", keyed, { apiKey: 'key-front', frontEndUsers: ['u-eve'] }, 'eve'],
    ["a front end's key, and the field", keyed, { apiKey: 'key-front', user: 'u-ada' }, 'ada'],
    ["another key's word for a user", keyed, { apiKey: 'key-shared', frontEndUsers: ['u-eve'] }, 'home'],
    [
      "another key's word beside the field",
      keyed,
      { apiKey: 'key-shared', user: 'u-ada', frontEndUsers: ['u-eve'] },
      'ada',
    ],
    ["a bound key's word for another", keyed, { apiKey: 'key-ada', frontEndUsers: ['u-eve'] }, 'ada'],
    ["an unknown key's word", keyed, { apiKey: 'x', frontEndUsers: ['u-eve'] }, 'invalid_api_key'],
    ['a missing default', { default: 'zoe' }, {}, 'profile_not_found'],
    [
      'a key bound to a missing profile',
      { keys: [{ key: 'k', profile: 'zoe' }] },
      { apiKey: 'k' },
      'profile_not_found',
    ],
    ['naming switched off', { ...open, allowHeader: false }, { profile: 'bob' }, 'profile_not_found'],
    ['naming switched off, by user', { ...open, allowHeader: false }, { user: 'u-eve' }, 'eve'],
    ['naming what one gets anyway', { ...open, allowHeader: false }, { profile: 'home' }, 'home'],
    ['declining with naming switched off', { ...open, allowHeader: false }, { profile: 'none' }, null],
    [
      "an admin's key that names another",
      { keys: [{ key: 'k', profile: 'ada', admin: true }], allowHeader: false },
      { apiKey: 'k', profile: 'bob' },
      'bob',
    ],
  ])('%s', (_, mapping, caller, expected) => {
    expect(outcome(mapping, caller)).toBe(expected)
  })

  test('answers alike for a profile that is closed and one that does not exist', () => {
    const message = (profile: string) => {
      try {
        return selectProfile(
          { apiKey: 'key-ada', profile },
          { mapping: keyed, exists: (id) => known.has(id) },
        )
      } catch (error) {
        return error instanceof GatewayError ? error.message.replace(profile, 'X') : null
      }
    }
    expect(message('bob')).toBe(message('zoe'))
  })

  test('repeats neither keys nor odd names in errors', () => {
    for (const caller of [{ apiKey: 'sk-canary' }, { apiKey: 'key-ada', profile: 'a canary text' }]) {
      expect(() => selectProfile(caller, { mapping: keyed, exists: () => false })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('canary') }),
      )
    }
  })
})

describe('openProfiles', () => {
  const ids = [...known]
  const admin: ProfileMapping = { ...open, keys: [{ key: 'key-admin', profile: 'ada', admin: true }] }
  test.each<[string, ProfileMapping, ProfileCaller, string[]]>([
    ['all without keys', open, {}, ids],
    ['the own one where requests may name none', { ...open, allowHeader: false }, {}, ['home']],
    ["the user's where requests may name none", { ...open, allowHeader: false }, { user: 'u-eve' }, ['eve']],
    ["a bound key's", keyed, { apiKey: 'key-ada' }, ['ada']],
    ['all with a key that binds nobody', keyed, { apiKey: 'key-shared' }, ids],
    ['all with an admin key', admin, { apiKey: 'key-admin' }, ids],
    ['none with a key that is bound to none', keyed, { apiKey: 'key-off' }, []],
  ])('are %s', (_what, mapping, caller, expected) => {
    expect(openProfiles(caller, { mapping, ids })).toEqual(expected)
  })

  test('each can be selected, and no other', () => {
    for (const apiKey of ['key-ada', 'key-bob', 'key-shared', 'key-off']) {
      const chosen = ids.filter((profile) => outcome(keyed, { apiKey, profile }) === profile)
      expect(openProfiles({ apiKey }, { mapping: keyed, ids })).toEqual(chosen)
    }
  })
})
