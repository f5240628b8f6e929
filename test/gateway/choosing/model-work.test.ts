import { expect, test } from 'vitest'
import { afterPullEvent, isAtRest, newWork } from '../../../src/gateway/choosing/model-work.ts'

test('a fetch is followed source by source: what another has received does not count', () => {
  const begun = { ...newWork(null), model: 'tiny' }
  const received = afterPullEvent(begun, { type: 'bytes-received', receivedBytes: 5, totalBytes: 10 })
  expect(received).toMatchObject({ state: 'fetching', model: 'tiny', receivedBytes: 5, totalBytes: 10 })
  const failed = afterPullEvent(received, { type: 'source-failed', source: 'hub a', reason: 'gone' })
  expect(failed).toMatchObject({ state: 'fetching', receivedBytes: null, totalBytes: null })
  expect(afterPullEvent(received, { type: 'verifying' })).toMatchObject({
    state: 'verifying',
    totalBytes: null,
  })
  expect(afterPullEvent(received, { type: 'waiting-for-other-process' }).state).toBe('waiting')
})

test('work is at rest before it was asked for, and when it has ended one way or the other', () => {
  expect(isAtRest(null)).toBe(true)
  for (const state of ['done', 'failed', 'stopped'] as const)
    expect(isAtRest({ ...newWork(null), state })).toBe(true)
  expect(isAtRest({ ...newWork(null), state: 'ending' })).toBe(false)
})
