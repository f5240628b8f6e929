import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { timelineSvg } from '../../../src/cli/trace/timeline-svg.ts'
import { parseTrace } from '../../../src/cli/trace/trace-recording.ts'
import { traceTimeline } from '../../../src/cli/trace/trace-timeline.ts'
import { guessedTraces } from './guessed-traces.ts'

const tokens = guessedTraces.map((trace) => ({ type: 'token-trace', choice: 0, ...trace }))
const requests = [{ atMs: 0, path: '/completion' }]
const timeline = traceTimeline(parseTrace(JSON.stringify({ tokens, requests }), 'the test'))

test('its colours are those of the page', () => {
  const page = readFileSync('web/styles/tokens.css', 'utf8')
  for (const [colour] of timelineSvg(timeline).matchAll(/(?<=")#[0-9a-f]{6}(?=")/g))
    expect(page).toContain(colour)
})

test('where nothing was guessed, nothing is said of guesses', () => {
  const unguessed = guessedTraces.map((trace) => ({ type: 'token-trace', choice: 0, ...trace, draft: null }))
  const svg = timelineSvg(
    traceTimeline(parseTrace(JSON.stringify({ tokens: unguessed, requests }), 'the test')),
  )
  expect(svg).toContain('; nothing guessed; 1 requests to the large model')
  expect(svg).not.toContain('the guess was')
})

test('a timeline becomes an SVG in which token text stays text', () => {
  const svg = timelineSvg(timeline)
  expect(svg).not.toContain('</text>&')
  expect(svg).toContain('&#60;/text&#62;&#38;&#34;\ufffd')
  const opened = [...svg.matchAll(/<(\w+)[^<>]*[^/<>]>|<(\w+)>/g)].length
  const closed = [...svg.matchAll(/<\/\w+>/g)].length
  expect(opened).toBe(closed)
})
