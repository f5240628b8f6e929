import { expect, test } from 'vitest'
import { z } from 'zod'
import { knownKeys } from '../src/known-keys.ts'

const schema = z.strictObject({
  name: z.string(),
  list: z.array(z.strictObject({ text: z.string(), date: z.string().optional() })).default([]),
  servers: z.record(
    z.string(),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('near'), folder: z.string() }),
      z.strictObject({ kind: z.literal('far'), url: z.string() }),
    ]),
  ),
  given: z.preprocess((value) => value ?? [], z.strictObject({ deep: z.string() })),
})
const content = { servers: { one: { kind: 'far' }, two: {} }, list: [{}] }

test.each([
  [[], ['name', 'list', 'servers', 'given']],
  [
    ['list', 0],
    ['text', 'date'],
  ],
  [['given'], ['deep']],
  [
    ['servers', 'one'],
    ['kind', 'url'],
  ],
  [
    ['servers', 'two'],
    ['kind', 'folder', 'url'],
  ],
  [['name', 'deeper'], []],
])('the keys at %j are %j', (path, keys) => {
  expect(knownKeys(schema, { path, content })).toEqual(keys)
})
