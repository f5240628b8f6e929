import { describe, expect, test } from 'vitest'
import { habitsOf } from '../../../../web/profiles/import/habits.ts'
import { pastedTexts } from '../../../../web/profiles/import/pasted-texts.ts'

const mails = [
  'Moin Ann,\n\nthe boat is in the shed and the varnish is dry.\n\nHold fast,\nJo',
  'Moin Bert,\n\ncould you bring the long ladder on Friday? Mine has lost a rung.\n\nHold fast,\nJo',
  'Moin zusammen,\n\nthe harbour is closed until Monday, so the meeting moves to my kitchen.\n\nHold fast,\nJo',
]

describe('what a person does in most of their texts', () => {
  test('is how they greet, whomever, and how they sign', () => {
    expect(habitsOf(mails)).toEqual(['Begins with "Moin".', 'Ends with "Hold fast, Jo".'])
  })

  test('is nothing that one text does alone', () => {
    expect(habitsOf(mails.slice(0, 1))).toEqual([])
    expect(
      habitsOf([mails[0] ?? '', 'A text.\nOf two lines, which are both much too long for a sign-off.']),
    ).toEqual([])
  })

  test('may be the name alone', () => {
    const signed = ['Dear Ann,\nyes.\nKindly\nJo', 'Dear all,\nno, not in the least.\nWarmly\nJo']
    expect(habitsOf(signed)).toEqual(['Begins with "Dear".', 'Ends with "Jo".'])
  })

  test('is no sentence with which texts begin', () => {
    expect(habitsOf(['The rain is soft\nand so on.', 'The rain is soft\nonce more.'])).toEqual([])
  })
})

test('texts are pasted one after the other, with dashes between them', () => {
  expect(pastedTexts(' One.\n\n---\r\nTwo,\nof two lines - and dashes.\n----\n\n')).toEqual([
    'One.',
    'Two,\nof two lines - and dashes.',
  ])
})
