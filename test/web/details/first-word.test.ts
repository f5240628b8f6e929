import { describe, expect, test } from 'vitest'
import { firstWord } from '../../../web/details/first-word.ts'
import { tokenTrace } from '../token-trace.ts'

const answer = { firstTextMs: 2100, elapsedMs: 4100, reasoning: '', text: 'so many words that pace shows' }

function first(endMs: number, emittedMs: number) {
  return [{ ...tokenTrace(' rain'), upstreamQuery: { startMs: 0, endMs }, emittedMs }]
}

describe('the first word', () => {
  test('waited for the profile where the large model was done before', () => {
    expect(firstWord({ ...answer, traces: first(300, 1900) })).toEqual({
      afterMs: 2100,
      waited: { for: 'profile', ms: 1900 },
      wordsPerSecond: 2.5,
    })
  })

  test('waited for the large model where the profile was read before', () => {
    expect(firstWord({ ...answer, traces: first(1900, 1910) })?.waited).toEqual({ for: 'large', ms: 1900 })
  })

  test('waited for nothing worth a word where both were there at once', () => {
    expect(firstWord({ ...answer, traces: first(20, 30) })?.waited).toBeNull()
  })

  test('of thoughts says nothing of what it waited for', () => {
    expect(firstWord({ ...answer, reasoning: 'Hm.', traces: first(300, 1900) })?.waited).toBeNull()
  })

  test('is none before it has come, and has no pace in a short answer', () => {
    expect(firstWord({ ...answer, traces: [] })).toBeNull()
    expect(firstWord({ ...answer, text: 'Yes.', traces: first(300, 1900) })?.wordsPerSecond).toBeNull()
  })
})
