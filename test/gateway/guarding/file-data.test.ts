import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { mappedBesideFile } from '../../../src/gateway/guarding/file-data.ts'
import { runWhole, type SlicedWork } from '../../../src/sliced-work.ts'

/** The text with an x in place of each of its characters that are mapped. */
function mapped(text: string): string {
  // biome-ignore lint/correctness/useYield: work that is done at once
  const crossed = function* crossed(own: string): SlicedWork<string> {
    return own.replace(/./gs, 'x')
  }
  return runWhole(mappedBesideFile(text, crossed))
}

describe('a file in a text', () => {
  test.each(['base64', 'base64url'] as const)('stays as it is in %s', (encoding) => {
    const file = randomBytes(3000).toString(encoding)
    expect(mapped(file)).toBe(file)
  })

  test.each([
    'data:image/png;base64,',
    'data:image/png;name=noor.png;base64,',
    'data:text/plain;charset=utf-8;name=Noor%20Lindqvist.txt;base64,',
    'data:text/plain;filename=Noor (1) ö.txt;base64,',
  ])('stays in a data URL of any length, behind %s', (head) => {
    expect(mapped(`${head}iVBORw0KGgo=`)).toBe(`${'x'.repeat(head.length)}iVBORw0KGgo=`)
  })

  test.each([
    'Noor',
    'Stromness'.repeat(100),
    'data:text/plain,Noor',
    'data:image/png;base64,iVBORw0KGgo= and then Noor',
    randomBytes(60).toString('hex').repeat(10),
    `${randomBytes(600).toString('base64')} Noor`,
  ])('is none: %#', (text) => {
    expect(mapped(text)).toBe('x'.repeat(text.length))
  })
})
