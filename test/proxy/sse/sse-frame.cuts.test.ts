import { expect, test } from 'vitest'
import { manualTimers } from '../app-under-test/manual-timers.ts'
import { end, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'
import { eventData } from './sse-reading.ts'

test('a stream cut at any byte reads the same', async () => {
  const words = ['Grüße', ' 👋🏽', '\r\n\n', 'data: x', '\u2028', ': ping\n\n', '"\\']
  const { app } = testApp({
    script: { choices: [[...words.map(text), end(9)]] },
    timers: manualTimers(),
  })
  const response = await app.request(
    ...chatRequest({ stream: true, stream_options: { include_usage: true } }),
  )
  const bytes = new Uint8Array(await response.arrayBuffer())
  const whole = eventData([new TextDecoder().decode(bytes)])
  const contents = whole.slice(0, -1).map((line) => JSON.parse(line).choices[0]?.delta.content)
  expect(contents.filter((content) => content !== undefined && content !== '')).toEqual(words)

  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = new TextDecoder()
    const head = decoder.decode(bytes.subarray(0, cut), { stream: true })
    const tail = decoder.decode(bytes.subarray(cut))
    expect(eventData([head, tail])).toEqual(whole)
  }
})
