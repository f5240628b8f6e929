import { expect, test } from 'vitest'
import { htmlText } from '../../../src/profiles/importing/html-text.ts'

test('makes lines of paragraphs and lists, and leaves addresses of links out', () => {
  const html = `<html><head><style>${'p {} '.repeat(50_000)}</style></head>
    <p>Dear Ailsa,</p><ul><li>the <a href="https://example.org">ladder</a></li><li>the shed</li></ul>`
  expect(htmlText(html)).toBe('Dear Ailsa,\n\n * the ladder\n * the shed')
})

test.each([
  ['divisions', '<div>'],
  ['tables', '<table><tr><td>'],
  ['quotes', '<blockquote>'],
  ['marks of no meaning', '<<<'],
])('ends with thousands of %s inside each other', (_what, part) => {
  expect(htmlText(`<p>Dear Ailsa</p>${part.repeat(30_000)}`)).toContain('Dear Ailsa')
})
