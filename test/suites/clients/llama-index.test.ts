import { OpenAI } from '@llamaindex/openai'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { listening } from '../../proxy/app-under-test/listening-app.ts'
import { end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}
const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'Hello' },
]

async function client(script: Script) {
  const server = await listening({ script })
  const llm = new OpenAI({
    model: 'big',
    apiKey: 'key',
    baseURL: `${server.url}/v1`,
    temperature: 0,
    maxTokens: 9,
    maxRetries: 0,
    additionalSessionOptions: { defaultHeaders: { 'x-costeer-profile': 'ann' } },
  })
  return { llm, ...server }
}

describe('LlamaIndex', () => {
  test('chats, and sends overrides as headers', async () => {
    const { llm, gateway } = await client({ choices: [say('Good', ' day')] })
    const { message } = await llm.chat({ messages })
    expect(message).toMatchObject({ role: 'assistant', content: 'Good day' })
    expect(gateway.requests[0]).toMatchObject({
      prompt: { messages },
      maxTokens: 9,
      sampling: { temperature: 0 },
      caller: { apiKey: 'key', profile: 'ann' },
    })
  })

  test('streams a chat', async () => {
    const { llm } = await client({ choices: [say('Grüße', ' 👋')] })
    const pieces: string[] = []
    for await (const { delta } of await llm.chat({ messages, stream: true })) pieces.push(delta)
    expect(pieces.filter((piece) => piece !== '')).toEqual(['Grüße', ' 👋'])
  })

  test('completes a prompt as a chat of one message', async () => {
    const { llm, gateway } = await client({ choices: [say('Good', ' day')] })
    expect((await llm.complete({ prompt: 'Hello' })).text).toBe('Good day')
    expect(gateway.requests[0]?.prompt).toEqual({ type: 'chat', messages: messages.slice(1) })
  })

  test('reports failures with our message', async () => {
    const error = new GatewayError('context_length_exceeded', 'Too long.')
    const { llm } = await client({ choices: [[{ type: 'fail', error }]] })
    await expect(llm.chat({ messages })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    })
  })
})
