import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { ChatOpenAI, OpenAI } from '@langchain/openai'
import { describe, expect, test } from 'vitest'
import { listening } from '../../proxy/app-under-test/listening-app.ts'
import { end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}

async function settings(script: Script) {
  const server = await listening({ script })
  const configuration = { baseURL: `${server.url}/v1` }
  return { fields: { model: 'big', apiKey: 'key', maxRetries: 0, configuration }, ...server }
}

describe('LangChain', () => {
  test('invokes a chat model, and sends overrides as extra fields', async () => {
    const { fields, gateway } = await settings({ choices: [say('Good', ' day')] })
    const model = new ChatOpenAI({
      ...fields,
      temperature: 0,
      maxTokens: 9,
      modelKwargs: { costeer: { profile: 'ann' } },
    })
    const answer = await model.invoke([new SystemMessage('Be brief.'), new HumanMessage('Hello')])
    expect(answer.content).toBe('Good day')
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 7, output_tokens: 2, total_tokens: 9 })
    expect(answer.response_metadata).toMatchObject({ finish_reason: 'stop' })
    expect(gateway.requests[0]).toMatchObject({
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
      },
      maxTokens: 9,
      caller: { apiKey: 'key', profile: 'ann' },
    })
  })

  test('streams a chat model with its usage', async () => {
    const { fields } = await settings({ choices: [say('Grüße', ' 👋')] })
    const pieces: string[] = []
    let usage: unknown
    for await (const chunk of await new ChatOpenAI(fields).stream('Hello')) {
      if (typeof chunk.content === 'string' && chunk.content !== '') pieces.push(chunk.content)
      usage = chunk.usage_metadata ?? usage
    }
    expect(pieces).toEqual(['Grüße', ' 👋'])
    expect(usage).toMatchObject({ input_tokens: 7, output_tokens: 2 })
  })

  test('uses the Responses API', async () => {
    const { fields } = await settings({ choices: [say('Good', ' day')] })
    const model = new ChatOpenAI({ ...fields, useResponsesApi: true })
    expect((await model.invoke('Hello')).text).toBe('Good day')
    const pieces: string[] = []
    for await (const chunk of await model.stream('Hello')) if (chunk.text !== '') pieces.push(chunk.text)
    expect(pieces).toEqual(['Good', ' day'])
  })

  test('completes several prompts in one request', async () => {
    const { fields, gateway } = await settings({ choices: [say(' upon', ' a')] })
    const model = new OpenAI({ ...fields, maxTokens: 5 })
    const { generations } = await model.generate(['Once', 'Twice'])
    expect(generations.map(([generation]) => generation?.text)).toEqual([' upon a', ' upon a'])
    expect(gateway.requests.map(({ prompt, maxTokens }) => [prompt, maxTokens])).toEqual([
      [{ type: 'text', text: 'Once' }, 5],
      [{ type: 'text', text: 'Twice' }, 5],
    ])
  })
})
