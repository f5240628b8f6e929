import { describe, expect, test } from 'vitest'
import { ownMailText } from '../../../src/profiles/importing/own-mail-text.ts'

const OWN = 'Dear Ailsa,\n\nthe ladder is back behind the shed.\n\nBest wishes,\nAnn'

describe('ownMailText', () => {
  test.each([
    [
      'a quote below',
      `${OWN}\n\nOn Fri, May 31, 2024 at 9:12 AM Ailsa Baird <ailsa@example.net> wrote:\n> Where is it?\n> A.`,
    ],
    [
      'a wrapped introduction',
      `${OWN}\n\nOn Fri, May 31, 2024 at 9:12 AM Ailsa Baird\n<ailsa@example.net> wrote:\n\n> Where is it?`,
    ],
    [
      'an introduction whose quote is gone',
      `${OWN}\n\nAm 31.05.24 um 09:12 schrieb Ailsa Baird:\n\nWo ist sie?`,
    ],
    [
      'a French one',
      `${OWN}\n\nLe ven. 31 mai 2024 à 09:12, Ailsa <ailsa@example.net> a écrit :\n> Où est-elle ?`,
    ],
    ['a Chinese one', `${OWN}\n\n在 2024年5月31日，Ailsa <ailsa@example.net> 写道：\n> 梯子在哪里？`],
    ['a quote above', `On 31/05/2024 09:12, Ailsa wrote:\n> Where is it?\n\n${OWN}`],
    ['quotes between', OWN.replace('\n\nBest', '\n\n> Oiled?\n\nBest')],
    [
      'the header of Outlook',
      `${OWN}\n\n________________________________\nFrom: Ailsa Baird\nSent: Friday, May 31, 2024\nTo: Ann\nSubject: Ladder\n\nWhere is it?`.replace(
        '________________________________\n',
        '',
      ),
    ],
    ['an original message', `${OWN}\n\n-----Original Message-----\nFrom: Ailsa\nWhere is it?`],
    [
      'a forwarded message',
      `${OWN}\n\n---------- Forwarded message ---------\nFrom: Bob <bob@example.net>\n\nLook.`,
    ],
    ['a forwarded message of Apple', `${OWN}\n\nBegin forwarded message:\n\nFrom: Bob`],
    ['a signature', `${OWN}\n-- \nAnn Lee\nHead of Ladders\n+44 20 7946 0000`],
    ['what a telephone adds', `${OWN}\n\nSent from my iPhone`],
    ['line breaks of Windows', OWN.replaceAll('\n', '\r\n')],
  ])('leaves out %s', (_what, text) => {
    expect(ownMailText(text)).toBe(OWN)
  })

  test.each([
    ['a sentence that says that one wrote', 'On the third of May I wrote:\n\nnothing at all.'],
    ['a list of people', 'From: the three of us\nwith love'],
    ['a dash of a list', '- one\n- two'],
  ])('keeps %s', (_what, text) => {
    expect(ownMailText(text)).toBe(text)
  })

  test('makes paragraphs of wrapped lines, and leaves lists, verses and addresses', () => {
    const wrapped =
      'The ladder is back behind the shed, on the dry side of it, and the hinge\nhas been oiled, which it needed badly, after all those years in the rain\nand wind.'
    expect(ownMailText(wrapped)).toBe(wrapped.replaceAll('\n', ' '))
    const verses = 'Roses are red\nViolets are blue'
    expect(ownMailText(verses)).toBe(verses)
  })

  test('takes no longer for a text that is meant to be slow', () => {
    const hostile = [`On ${'a '.repeat(50_000)}`, 'On 1:11 a'.repeat(30_000), '> '.repeat(100_000)].join('\n')
    expect(ownMailText(hostile).length).toBeGreaterThan(0)
  })
})
