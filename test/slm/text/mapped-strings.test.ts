import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runWhole, type SlicedWork } from '../../../src/sliced-work.ts'
import { mappedStrings, mappingStrings } from '../../../src/slm/text/mapped-strings.ts'

function text(one: string, key: string): string {
  return one.replaceAll('a', `b${key}`)
}

function key(one: string): string {
  return one.replaceAll('a', 'b')
}

function number(one: number): number | string {
  return one > 9 ? String(one) : one
}

function inSteps<From, To>(map: (from: From, key: string) => To) {
  return function* mapped(from: From, key = ''): SlicedWork<To> {
    yield
    return map(from, key)
  }
}

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'aa', 'b', 7, 12, null, true, '{"a":"a","n":12}', '[b]'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'arguments', 'x'), tie('value')),
  ),
})).value

test('a value is mapped in slices as it is in one go', () => {
  fc.assert(
    fc.property(values, (value) => {
      const sliced = mappingStrings(value, {
        text: inSteps(text),
        key: inSteps(key),
        number: inSteps(number),
      })
      expect(runWhole(sliced)).toEqual(mappedStrings(value, { text, key, number }))
    }),
  )
})
