import { describe, expect, test } from 'vitest'
import { manualTimers } from '../app-under-test/manual-timers.ts'
import { end, later, type Step, text } from '../app-under-test/scripted-gateway.ts'
import { testApp } from '../app-under-test/test-app.ts'

const endpoints = [
  { path: '/v1/chat/completions', body: { messages: [{ role: 'user', content: 'Hi' }] } },
  { path: '/v1/completions', body: { prompt: 'Once' } },
  { path: '/v1/responses', body: { input: 'Hi' } },
]
const forms = endpoints.flatMap((one) => [false, true].map((stream) => ({ ...one, stream })))

/** What the log says of an answer to a request. */
async function recordOf(
  { path, body }: { path: string; body: object },
  choices: readonly (readonly Step[])[],
) {
  const timers = manualTimers()
  const timed = choices.map((steps) => steps.flatMap((step) => [later(timers, 10), step]))
  const { app, logged } = testApp({ script: { choices: timed }, timers })
  const headers = { 'content-type': 'application/json' }
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
  const told = await response.text()
  const records: unknown[] = logged()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { told, record: records.find((line) => JSON.stringify(line).includes('request completed')) }
}

describe('what an answer says is counted and timed alike', () => {
  test.each(forms)('by $path, stream: $stream', async ({ path, body, stream }) => {
    const script = [[text(''), text('a'), text('b'), end(7)]]
    const { record } = await recordOf({ path, body: { ...body, stream } }, script)
    expect(record).toMatchObject({
      error: null,
      answer: { choices: 1, completionTokens: 7, firstTextMs: 20, decodeMs: 20 },
    })
  })

  test.each(forms)('where a choice ends without its last event: $path, stream: $stream', async (form) => {
    const { path, body, stream } = form
    const { record, told } = await recordOf({ path, body: { ...body, stream } }, [[text('a')]])
    expect(record).toMatchObject({
      status: stream ? 200 : 500,
      error: 'internal_error',
      answer: { completionTokens: 0, firstTextMs: 10, decodeMs: null },
    })
    expect(told).toContain('"code":"internal_error"')
  })
})

test.each(endpoints)('a delta that says nothing is not sent: $path', async ({ path, body }) => {
  const script = (...words: string[]) => [[...words.map(text), end(2)]]
  const deltas = async (...words: string[]) =>
    (await recordOf({ path, body: { ...body, stream: true } }, script(...words))).told.split('\n\n').length
  expect(await deltas('a', '', '', 'b')).toBe(await deltas('a', 'b'))
})
