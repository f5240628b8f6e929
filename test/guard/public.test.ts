import { describe, expect, test } from 'vitest'
import { FormMatcher } from '../../src/guard/matching/form-matcher.ts'
import { guarded } from '../../src/guard/public.ts'
import { runWhole } from '../../src/sliced-work.ts'

const guard = { realForms: new FormMatcher(['Noor Lindqvist', '7946 0958']) }

describe('what goes to the upstream is held back', () => {
  test.each([
    ['a text', 'I am Noor Lindqvist.'],
    ['a text over two lines, which JSON would write with letters between', 'Noor\n\tLindqvist'],
    ['a message', { messages: [{ role: 'user', content: 'NOOR LINDQVIST' }] }],
    ['a number', { tools: [{ parameters: { const: 79460958 } }] }],
    ['the name of a field', { parameters: { noor_lindqvist: true } }],
  ])('with a private form in %s', (_, value) => {
    expect(() => runWhole(guarded(value, guard))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })

  test('without telling the form', () => {
    expect(() => runWhole(guarded('Noor Lindqvist', guard))).toThrow(/^(?!.*noor).*held back/is)
  })

  test('and is the same value where none stands in it', () => {
    const chat = { messages: [{ role: 'user', content: 'Noor and Lind' }], tools: null, temperature: 7946 }
    expect(runWhole(guarded(chat, guard))).toBe(chat)
  })
})
