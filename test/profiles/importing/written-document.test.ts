import { expect, test } from 'vitest'
import { writtenDocument } from '../../../src/profiles/importing/written-document.ts'

function read(name: string, content: string | Uint8Array) {
  const [finding] = writtenDocument(Buffer.from(content as string), { name, modified: '2020-01-01' })
  return finding?.type === 'text'
    ? [finding.found.task, finding.found.text, finding.found.date]
    : finding?.type
}

test.each([
  [
    'front matter',
    'a.md',
    '---\ntitle: "The ladder"\ndate: 2024-05-31T10:00:00Z\ntags: [x]\n---\nIt is back.',
    ['Write this text: The ladder', 'It is back.', '2024-05-31'],
  ],
  ['a task in it', 'a.md', '---\ntask: Thank Ailsa\n---\nThanks.', ['Thank Ailsa', 'Thanks.', '2020-01-01']],
  [
    'its first heading',
    'a.md',
    '# The ladder #\n\nIt is back.',
    ['Write this text: The ladder', 'It is back.', '2020-01-01'],
  ],
  [
    'an underlined heading',
    'a.md',
    'The ladder\n===\nBack.',
    ['Write this text: The ladder', 'Back.', '2020-01-01'],
  ],
  [
    'its name',
    'mail/2024-05-31-to_ailsa.txt',
    '# not a heading\n',
    ['Write this text: to ailsa', '# not a heading', '2024-05-31'],
  ],
  ['broken front matter', 'a.md', '---\n: {\n---\nBack.', ['Write this text: a', 'Back.', '2020-01-01']],
] as const)('calls a text by %s', (_what, name, content, expected) => {
  expect(read(name, content)).toEqual(expected)
})

test('reads UTF-16, and says what is no text', () => {
  expect(read('a.txt', Buffer.from('\ufeffGrüße', 'utf16le'))).toEqual([
    'Write this text: a',
    'Grüße',
    '2020-01-01',
  ])
  expect(read('a.txt', Buffer.from([0xff, 0x00, 0x01]))).toBe('problem')
  expect(read('a.md', '---\ntitle: x\n---\n')).toBe('left-out')
})
