import { expect, test } from 'vitest'
import { RunningRequests } from '../../../src/proxy/request/running-requests.ts'

test('what waits goes on when all that ran at its beginning have ended, whatever has begun since', async () => {
  const running = new RunningRequests()
  const [first, second] = [running.begin(), running.begin()]
  let hasEnded = false
  const ended = running.ended().then(() => {
    hasEnded = true
  })
  const later = running.begin()
  first()
  first()
  await Promise.resolve()
  expect(hasEnded).toBe(false)
  second()
  await ended
  expect(hasEnded).toBe(true)
  later()
})

test('nothing is waited for where nothing runs', async () => {
  const running = new RunningRequests()
  running.begin()()
  await expect(running.ended()).resolves.toBeUndefined()
})
