import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import { ReadingShare, withReading } from '../../../src/gateway/tracing/reading-share.ts'

const word: AnswerEvent = { type: 'text-delta', text: 'Hello', tokens: [] }

/** Events that wait until the test lets them go on. */
function waiting() {
  let proceed = () => {}
  const isFree = new Promise<void>((resolve) => {
    proceed = resolve
  })
  let hasEnded = false
  async function* events(): AsyncGenerator<AnswerEvent, void> {
    try {
      await isFree
      yield word
    } finally {
      hasEnded = true
    }
  }
  return { events: events(), proceed, hasEnded: () => hasEnded }
}

describe('what is read of a profile', () => {
  test('is told while nothing else comes, and no more than anybody sees', async () => {
    const { events, proceed } = waiting()
    const reading = new ReadingShare()
    const told = withReading(events, reading)
    reading.note(0.25)
    expect((await told.next()).value).toEqual({ type: 'profile-read', share: 0.25 })
    reading.note(0.2501)
    const next = told.next()
    reading.note(0.5)
    reading.note(0.75)
    expect((await next).value).toEqual({ type: 'profile-read', share: 0.75 })
    proceed()
    expect((await told.next()).value).toEqual(word)
    expect((await told.next()).done).toBe(true)
  })

  test('hides no failure', async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first event
    async function* failing(): AsyncGenerator<AnswerEvent, void> {
      throw new Error('gone')
    }
    await expect(withReading(failing(), new ReadingShare()).next()).rejects.toThrow('gone')
  })

  test('can be left at a share, without waiting for the event behind it', async () => {
    const { events, proceed, hasEnded } = waiting()
    const reading = new ReadingShare()
    const told = withReading(events, reading)
    reading.note(0.5)
    await told.next()
    await told.return()
    expect(hasEnded()).toBe(false)
    proceed()
    await new Promise(setImmediate)
    expect(hasEnded()).toBe(true)
  })
})
