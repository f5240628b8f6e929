import { expect, test } from 'vitest'
import { jsonValue } from '../src/json-value.ts'

test('a text that is no JSON has no value, and null has one', () => {
  expect([jsonValue('null'), jsonValue('{'), jsonValue('')]).toEqual([null, undefined, undefined])
})
