import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, readYaml } from '../src/read-yaml.ts'

const CANARY = 'Quillfeather'

function read(source: string) {
  return readYaml(source, { maxAliasCount: 100 })
}
function problemsOf(source: string): string[] {
  const found = read(source)
  return found.ok ? [] : found.problems.map(({ line, message }) => `${line}: ${message}`)
}
function contentOf(source: string): unknown {
  const found = read(source)
  if (!found.ok) throw new Error(problemsOf(source).join('\n'))
  return found.content
}

/** Nine aliases of nine aliases of … */
function bomb(levels: number): string {
  const names = Array.from({ length: levels }, (_, i) => `a${i}`)
  const level = (name: string, i: number) =>
    `${name}: &${name} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(',')}]`
  return `${names.map(level).join('\n')}\n`
}

describe('readYaml', () => {
  test.each([
    ['hosts:\n  - *.example.com\n', '2: a value begins with "*"; put quotes around it'],
    ['a: *b\nb: &b 1\n', '1: a value begins with "*"; put quotes around it'],
    ['*a : 1\n', '1: a value begins with "*"; put quotes around it'],
    ['a: &a\n  b: *a\n', '2: an alias ("*name") stands inside of what it repeats'],
    [bomb(8), '8: the file holds too many aliases ("*name")'],
    ['a: 1\nb: 2\na: 3\n', '3: the same key stands twice'],
    ['a:\n\tb: 1\n', '2: a tab indents the line; use spaces'],
    ['a: 1\n---\nb: 1\n', '2: the file holds more than one document; remove the "---" line'],
    ['a: !!js/function "x"\n', '1: a value begins with "!"; put quotes around it'],
    ['a: !secret x\n', '1: a value begins with "!"; put quotes around it'],
    ['a: {{ name }}\n', '1: a key begins with a bracket or a brace; put quotes around it'],
    ['? [a, b]\n: c\n', '1: a key begins with a bracket or a brace; put quotes around it'],
    ['a: [1, 2\r\nb: 1\r\n', '2: the line is indented too little or too much, or a bracket is not closed'],
  ])('names line and reason of %j', (source, expected) => {
    expect(problemsOf(source)[0]).toBe(expected)
  })

  test.each([
    ['of brackets', `a: ${'['.repeat(40)}\n`],
    ['of very many brackets', `a: ${'['.repeat(20_000)}\n`],
    ['of brackets that are closed', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`],
    ['of braces', `${'{a: '.repeat(3_000)}\n`],
    ['of dashes', `a:\n  ${'- '.repeat(5_000)}x\n`],
    ['of keys in a line', `${'a: '.repeat(40)}b\n`],
    ['of lines', Array.from({ length: 3_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ])('finds one problem in a nesting %s', (_what, source) => {
    expect(problemsOf(source)).toHaveLength(1)
  })

  test('finds a problem in each line that has one', () => {
    expect(problemsOf('a: @x\nb: 1\nc: !x y\n')).toHaveLength(2)
  })

  test.each([
    ['\uFEFFa: 1\r\nb: x\r\n', { a: 1, b: 'x' }],
    ['a: &a {x: 1}\nb: *a\n', { a: { x: 1 }, b: { x: 1 } }],
    ['a: "*.example.com"\n', { a: '*.example.com' }],
    ['<<: {a: 1}\n', { '<<': { a: 1 } }],
    ['# nothing\n', null],
  ])('reads %j', (source, content) => {
    expect(contentOf(source)).toEqual(content)
  })

  test('tells where a path stands, and where its parent does for one that is not there', () => {
    const found = read('a:\n  - b: 1\n\n    c: 2\n')
    if (!found.ok) throw new Error('it is good')
    expect(found.lineOf(['a', 0, 'c'])).toBe(4)
    expect(found.lineOf(['a', 0, 'd'])).toBe(2)
    expect(found.lineOf(['e'])).toBe(1)
  })

  test('never throws, repeats nothing of the text, and prints nothing', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const piece = fc.constantFrom(
      ...[
        '*',
        '&',
        '!',
        '? ',
        ': ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '\n',
        '\n  ',
        '\t',
        '"',
        "'",
        '|',
        '---\n',
        '<<: ',
      ],
      ...[
        '%YAML 1.1\n',
        '!!binary ',
        CANARY,
        `&${CANARY} `,
        `*${CANARY} `,
        '#',
        ',',
        '\r\n',
        '\uFEFF',
        '\u0000',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = read(pieces.join(''))
        if (!found.ok) {
          expect(found.problems.length).toBeGreaterThan(0)
          expect(JSON.stringify(found.problems)).not.toContain(CANARY)
        }
      }),
      { numRuns: 2_000 },
    )
    await new Promise(setImmediate)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

test('text that is not UTF-8 is no text', () => {
  expect(decodeUtf8(Buffer.from('é'))).toBe('é')
  expect(decodeUtf8(Buffer.from([0x69, 0xff, 0xfe]))).toBeNull()
  expect(decodeUtf8(Buffer.from('id: é', 'latin1'))).toBeNull()
})
