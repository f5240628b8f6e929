import { expect, test } from 'vitest'
import { ownerGaps, standingGaps } from '../../src/guard/owner-gaps.ts'
import type { PrivateKind, PrivateValue } from '../../src/guard/private-value.ts'
import { runWhole } from '../../src/sliced-work.ts'

function value(kind: PrivateKind, text: string, forms: readonly string[] = []): PrivateValue {
  return { kind, value: text, forms }
}

function filled(declared: readonly PrivateValue[], name: string, conversation: readonly string[] = []) {
  return new Map(runWhole(ownerGaps(declared, { name, conversation })).map((one) => [one.gap, one.value]))
}

const noor = value('person', 'Noor Lindqvist', ['Noor'])

test('a gap for the name is filled with the name of the profile, where it is declared', () => {
  const gaps = filled([value('person', 'Marcel'), noor], 'Noor')
  for (const gap of ['[Your Name', '[your name', '[Your name', '[YOUR NAME', '[Your Full Name', '[Ihr Name'])
    expect(gaps.get(gap)).toBe('Noor')
  expect(filled([value('person', 'Marcel')], 'Noor').size).toBe(0)
})

test('nobody else is asked for a name', () => {
  const gaps = [...filled([noor], 'Noor').keys()]
  for (const gap of ['[Name', '[Last Name', "[Your Dentist's Name", '[Recipient', '[Landlord'])
    expect(gaps).not.toContain(gap)
})

test('other gaps are filled with the one value of their kind', () => {
  const phone = value('phone', '+44 20 7946 0000')
  const gaps = filled([noor, phone, value('email', 'a@example.org'), value('email', 'b@example.org')], 'Noor')
  expect(gaps.get('[Your Phone')).toBe('+44 20 7946 0000')
  expect(gaps.get('[Your Email')).toBeUndefined()
  expect(gaps.get('[Your Address')).toBeUndefined()
})

test('a gap that the conversation holds is left to who wrote it', () => {
  const gaps = filled([noor], 'Noor', ['Write a template that ends with [Your name].'])
  expect(gaps.get('[Your Name')).toBeUndefined()
  expect(gaps.get('[Your Full Name')).toBe('Noor')
})

test('gaps that the conversation holds stay as they are, in any case, and links are none', () => {
  const gaps = runWhole(
    standingGaps(['Dear [Guest Name], see [moss](https://moss.example), [1] and [ ].', '[Hotel]']),
  )
  expect(gaps.every(({ gap, value }) => gap === value)).toBe(true)
  const all = ['[Guest Name', '[Guest name', '[guest name', '[GUEST NAME', '[Hotel', '[hotel', '[HOTEL']
  expect(gaps.map(({ gap }) => gap)).toEqual(all)
})
