import { expect, test } from 'vitest'
import { parseTrace } from '../../../src/cli/trace/trace-recording.ts'
import { traceTimeline } from '../../../src/cli/trace/trace-timeline.ts'
import { guessedTraces } from './guessed-traces.ts'

const tokens = guessedTraces.map((trace) => ({ type: 'token-trace', choice: 0, ...trace }))
const requests = [{ atMs: 0, path: '/completion' }]
const timeline = traceTimeline(parseTrace(JSON.stringify({ tokens, requests }), 'the test'))

test('a timeline puts the answers of one query into one span and tells right guesses from wrong ones', () => {
  expect(timeline.upstream.map(({ startMs, endMs, tokens }) => [startMs, endMs, tokens.length])).toEqual([
    [0, 18, 2],
    [13, 22, 1],
  ])
  expect(timeline.local).toHaveLength(3)
  expect(timeline.tokens.map(({ outcome }) => outcome)).toEqual(['none', 'rejected', 'accepted'])
  expect(timeline).toMatchObject({ accepted: 1, rejected: 1, requests: 1, endMs: 28 })
})
