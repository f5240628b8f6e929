import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonItems } from '../../../src/profiles/importing/json-items.ts'
import { fileOf } from './import-samples.ts'

async function items(source: string, pieceBytes = 3) {
  const found = []
  for await (const item of jsonItems(fileOf('', source, pieceBytes).bytes))
    found.push(item.type === 'item' ? item.value : item.reason)
  return found
}

test('gives the items of a list as JSON.parse does, however the bytes come (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, 2),
      async (list, pieceBytes, indent) => {
        expect(await items(JSON.stringify(list, null, indent), pieceBytes)).toEqual(list)
      },
    ),
  )
})

test('takes any other JSON as one item', async () => {
  expect(await items('\ufeff {"a": [1, 2]}')).toEqual([{ a: [1, 2] }])
  expect(await items('')).toEqual([])
})

test('names what is broken, and goes on behind it', async () => {
  expect(await items('[1, nonsense, {"a": "]"}, ')).toEqual([1, 'not-json', { a: ']' }, 'cut-off'])
})
