import { describe, expect, test } from 'vitest'
import { commentLines, isComment } from './code-comments.ts'
import { generatedPages, pages, pageText } from './documented.ts'

/** Characters, as the formatter holds them for code. */
const LONGEST = 110

function isTooLong(line: string): boolean {
  return [...line].length > LONGEST
}

/** Lines of prose that are too long, each with its number. Tables, code and pictures stand as they are. */
function longProse(page: string): string[] {
  return page
    .replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''))
    .split('\n')
    .map((line, index) => ({ line, place: `${index + 1}: ${line}` }))
    .filter(({ line }) => isTooLong(line) && !/^(\s*\||\s{4}|!\[)/.test(line))
    .map(({ place }) => place)
}

describe(`lines of prose have at most ${LONGEST} characters`, () => {
  const held = pages.filter((page) => !generatedPages.includes(page))
  test.each(held)('%s', (page) => {
    expect(longProse(pageText(page))).toEqual([])
  })
})

test(`lines with comments have at most ${LONGEST} characters`, () => {
  const lines = commentLines()
  expect(lines.length).toBeGreaterThan(1000)
  const long = lines.filter(({ text }) => isTooLong(text))
  expect(long.map(({ path, number, text }) => `${path}:${number}: ${text.trim()}`)).toEqual([])
})

describe('the check', () => {
  const long = 'word '.repeat(30).trim()

  test('finds prose that is too long, with its number', () => {
    expect(longProse(`short\n\`\`\`\ncode\n\`\`\`\n${long}`)).toEqual([`5: ${long}`])
  })

  test.each([`| ${long} |`, `    ${long}`, `![${long}](a.png)`, `\`\`\`\n${long}\n\`\`\``])(
    'leaves %j alone',
    (text) => {
      expect(longProse(text)).toEqual([])
    },
  )

  test.each([`// ${long}`, `  /** ${long} */`, ` * ${long}`, `const a = 1 // ${long}`])(
    'takes %j for a comment',
    (line) => expect(isComment(line)).toBe(true),
  )

  test('does not take a text in code for one', () => {
    expect(isComment(`const a = 'see https://example.com/ ${long}'`)).toBe(false)
  })
})
