import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../../src/cli/terminal/shell-word.ts'

test.each(['/home/ann/config.yaml', 'a-b_c.d', 'http://127.0.0.1:8787/v1'])('%s needs no quotes', (text) => {
  expect(shellWord(text)).toBe(text)
})

test('a shell reads back each word that there is', () => {
  const characters = fc.string({ unit: fc.constantFrom(...' \'"$`\\!~*?&;|<>(){}[]#\n\taé') })
  const words = fc.sample(characters, { numRuns: 200, seed: 1 })
  const line = words.map(shellWord).join(' ')
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`]).toString()
  expect(printed.split('\0').slice(0, -1)).toEqual(words)
})
