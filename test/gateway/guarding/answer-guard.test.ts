import { expect, test } from 'vitest'
import { guardOf } from '../../../src/gateway/guarding/answer-guard.ts'
import { profileSchema } from '../../../src/profiles/profile.ts'
import { runWhole } from '../../../src/sliced-work.ts'

const noor = {
  id: 'noor',
  name: 'Noor Lindqvist',
  facts: ['Her address is noor@moss.example.org.'],
}
const sent = ['Send it to anna@fern.example.org, says Noor.']

function masked(profile: object, patterns: boolean): string | null {
  const guarding = { secret: new Uint8Array(32), messages: true, patterns }
  const guard = runWhole(guardOf(sent, 'letter', { profile: profileSchema.parse(profile), guarding }))
  return guard === null ? null : guard.mask(`${sent[0]} noor@moss.example.org`)
}

test('what has a pattern is private beside what a profile declares', () => {
  expect(masked({ ...noor, private: [{ kind: 'person', value: 'Noor' }] }, true)).not.toMatch(
    /Noor|anna|moss/,
  )
  expect(masked(noor, true)).not.toMatch(/anna|moss/)
})

test('without patterns only what the profile declares is', () => {
  const declared = masked({ ...noor, private: [{ kind: 'person', value: 'Noor' }] }, false)
  expect(declared).toMatch(/anna@fern\.example\.org, says (?!Noor)/)
  expect(masked(noor, false)).toBeNull()
})
