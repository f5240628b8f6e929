import { describe, expect, test } from 'vitest'
import { thinkingRequest } from '../../../../src/proxy/answers/fields/thinking-fields.ts'
import { end, text } from '../../app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, testApp } from '../../app-under-test/test-app.ts'

describe('what a request says of thinking', () => {
  test.each([
    [{}, null],
    [{ reasoning_effort: null, thinking: null, enable_thinking: null, chat_template_kwargs: null }, null],
    [{ reasoning_effort: 'low' }, { effort: 'low' }],
    [{ enable_thinking: false }, { thinks: false }],
    [{ thinking: true }, { thinks: true }],
    [{ thinking: { type: 'disabled' } }, { thinks: false }],
    [{ thinking: { type: 'enabled', budget_tokens: 9 } }, { thinks: true }],
    [{ thinking: { type: 'auto' } }, null],
    [{ chat_template_kwargs: { enable_thinking: false } }, { templateKwargs: { enable_thinking: false } }],
  ])('%j', (body, thinking) => {
    expect(thinkingRequest(body)).toEqual(thinking === null ? null : { thinking })
  })

  test('keeps a chat request steered, and reaches the gateway', async () => {
    const { app, gateway } = testApp({ script: { choices: [[text('a'), end(1)]] } })
    const body = { reasoning_effort: 'low', chat_template_kwargs: { enable_thinking: false } }
    const { headers } = await app.request(...chatRequest(body))
    expect([headers.get('x-costeer-steering'), headers.get('x-costeer-ignored')]).toEqual(['on', null])
    const thinking = { effort: 'low', templateKwargs: { enable_thinking: false } }
    expect(gateway.requests[0]?.prompt).toMatchObject({ type: 'chat', thinking })
  })

  test('reaches it from a response request too', async () => {
    const { app, gateway } = testApp({ script: { choices: [[text('a'), end(1)]] } })
    const [, init] = chatRequest({})
    const body = JSON.stringify({ input: 'a', reasoning: { effort: 'none', summary: 'auto' } })
    const response = await app.request('/v1/responses', { ...init, body })
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(gateway.requests[0]?.prompt).toMatchObject({ thinking: { effort: 'none' } })
  })

  test('is refused where it has no meaning', async () => {
    const { app } = testApp({ script: { choices: [[text('a'), end(1)]] } })
    const response = await app.request(...chatRequest({ enable_thinking: 'perhaps' }))
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'enable_thinking' })
  })
})
