import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventLoopTurn } from '../src/event-loop-turn.ts'

test('those who wait together get a turn each, in their order', async () => {
  const order: string[] = []
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    await eventLoopTurn()
    order.push(name)
  })
  const turns = (async () => {
    for (let turn = 1; !order.includes('c'); turn++) {
      await setImmediate()
      order.push(String(turn))
    }
  })()
  await Promise.all([...waiting, turns])
  const between = order.join('').split(/[abc]/).slice(1, -1)
  expect(order.filter((name) => /[abc]/.test(name))).toEqual(['a', 'b', 'c'])
  expect(between.every((passed) => passed !== '')).toBe(true)
})
