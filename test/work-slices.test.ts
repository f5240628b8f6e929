import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { SlicedWork } from '../src/sliced-work.ts'
import { runInSlices } from '../src/work-slices.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A clock on which each look takes so long. */
function lookTakes(ms: number): void {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += ms
    return now
  })
}

function* counting(to: number): SlicedWork<number> {
  for (let at = 0; at < to; at++) yield
  return to
}

/** Turns of the event loop that others have until something is done. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  let isDone = false
  const end = () => {
    isDone = true
  }
  done.then(end, end)
  let turns = 0
  for (await Promise.resolve(); !isDone; turns++) await setImmediate()
  return turns
}

test('work that takes long lets others have their turn, and comes to the same', async () => {
  lookTakes(10)
  const done = runInSlices(counting(20))
  expect(await turnsUntil(done)).toBeGreaterThanOrEqual(20)
  expect(await done).toBe(20)
})

test('short work is done before anybody else has a turn', async () => {
  lookTakes(0)
  const order: string[] = []
  const other = setImmediate().then(() => order.push('other'))
  await runInSlices(counting(1000))
  order.push('work')
  await other
  expect(order).toEqual(['work', 'other'])
})

test('work that nobody waits for any more ends', async () => {
  lookTakes(10)
  const controller = new AbortController()
  const done = runInSlices(counting(Number.POSITIVE_INFINITY), controller.signal)
  controller.abort(new Error('gone'))
  await expect(done).rejects.toThrow('gone')
})
