import { describe, expect, test } from 'vitest'
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

describe('where messages are sent as they are', () => {
  const guarding = { secret: new Uint8Array(32), messages: false, patterns: false }
  const declared = (values: readonly object[]) => profileSchema.parse({ ...noor, private: values })

  test('what the client says itself is no secret, and what it does not say is', () => {
    const profile = declared([
      { kind: 'person', value: 'Noor', forms: ['Lindqvist'] },
      { kind: 'place', value: 'Whitby' },
    ])
    const guard = runWhole(guardOf(sent, 'letter', { profile, guarding }))
    expect(guard?.forms.map(({ real }) => real)).toEqual(['Lindqvist', 'Whitby'])
  })

  test('the texts are read once, however many values are looked for', () => {
    const long = ['The ferry left at noon. '.repeat(5000)]
    const stepsFor = (count: number) => {
      const values = Array.from({ length: count }, (_, at) => ({ kind: 'number', value: `AB${1000 + at}` }))
      return [...guardOf(long, 'letter', { profile: declared(values), guarding })].length
    }
    expect(stepsFor(40) - stepsFor(20)).toBeLessThan(500)
  })
})
