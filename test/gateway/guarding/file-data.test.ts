import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isFileData } from '../../../src/gateway/guarding/file-data.ts'

describe('a file in a text', () => {
  test.each(['base64', 'base64url'] as const)('is known in %s', (encoding) => {
    expect(isFileData(randomBytes(3000).toString(encoding))).toBe(true)
  })

  test('is known as a data URL of any length', () => {
    expect(isFileData('data:image/png;base64,iVBORw0KGgo=')).toBe(true)
  })

  test.each([
    'Noor',
    'Stromness'.repeat(100),
    'data:text/plain,Noor',
    'data:image/png;base64,iVBORw0KGgo= and then Noor',
    randomBytes(60).toString('hex').repeat(10),
    `${randomBytes(600).toString('base64')} Noor`,
  ])('is none: %#', (text) => {
    expect(isFileData(text)).toBe(false)
  })
})
