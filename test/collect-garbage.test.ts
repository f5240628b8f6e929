import { expect, test } from 'vitest'
import { collectGarbage } from '../src/collect-garbage.ts'

test('what nobody holds any more is gone afterwards', async () => {
  const weak = new WeakRef({ large: new Array(1000).fill(0) })
  // A reference lasts at least as long as the turn in which it was made
  await new Promise(setImmediate)
  collectGarbage()
  expect(weak.deref()).toBeUndefined()
})
