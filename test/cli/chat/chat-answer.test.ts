import { expect, test } from 'vitest'
import { chatAnswer } from '../../../src/cli/chat/chat-answer.ts'
import { until } from '../../proxy/app-under-test/listening-app.ts'
import { text } from '../../proxy/app-under-test/scripted-gateway.ts'
import { testApp } from '../../proxy/app-under-test/test-app.ts'

test('an answer of a gateway in this process stops on an abort, and the gateway stops with it', async () => {
  const { app, gateway } = testApp({ script: { choices: [[text('Once'), { type: 'hang' }]] } })
  const interrupt = new AbortController()
  const answer = await chatAnswer(
    async (path, init) => app.request(path, init),
    { model: 'big', messages: [{ role: 'user', content: 'Hi' }] },
    { reader: { onText: () => interrupt.abort() }, signal: interrupt.signal },
  )
  expect(answer).toEqual({ steering: 'on', text: 'Once', finish_reason: 'interrupted' })
  await until(() => gateway.ended() === 1)
})
