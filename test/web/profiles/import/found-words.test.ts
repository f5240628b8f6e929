import { expect, test } from 'vitest'
import { leftOutWords, recognised, textsAndFacts } from '../../../../web/profiles/import/found-words.ts'
import { readFile } from './read-file.ts'

test('one file is named with what it is, several are counted by kind', () => {
  const chat = readFile('conversations.json', { format: 'chatgpt' })
  expect(recognised([chat])).toBe('conversations.json is an export of ChatGPT.')
  const files = [chat, readFile('a.eml', { format: 'eml' }), readFile('b.eml', { format: 'eml' })]
  expect(recognised(files)).toBe('3 files: 1 × an export of ChatGPT, 2 × a mail.')
})

test('what was left out is summed over all files, and told only where there is some', () => {
  const counts = { read: 9, new: 1, same: 0, similar: 0 }
  const short = { reason: 'too-short', count: 4 } as const
  const one = readFile('a', { counts: { ...counts, leftOut: [short, { reason: 'not-yours', count: 0 }] } })
  const other = readFile('b', { counts: { ...counts, leftOut: [short, { reason: 'not-yours', count: 2 }] } })
  expect(leftOutWords([one, other])).toBe('Left out: 8 too short, 2 not written by you.')
  expect(leftOutWords([readFile('c')])).toBe('')
})

test('texts and facts are counted in words', () => {
  expect(textsAndFacts(98, 1)).toBe('98 texts and 1 fact')
  expect(textsAndFacts(1, 0)).toBe('1 text')
  expect(textsAndFacts(0, 0)).toBe('nothing')
})
