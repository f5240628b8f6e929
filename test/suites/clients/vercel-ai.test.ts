import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, generateText, streamText } from 'ai'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { listening, until } from '../../proxy/app-under-test/listening-app.ts'
import { end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}

async function provider(script: Script) {
  const server = await listening({ script })
  const options = { name: 'costeer', baseURL: `${server.url}/v1`, apiKey: 'key', includeUsage: true }
  return { costeer: createOpenAICompatible(options), ...server }
}

describe('the Vercel AI SDK', () => {
  test('generates text, and sends overrides as provider options', async () => {
    const { costeer, gateway } = await provider({ choices: [say('Good', ' day')] })
    const result = await generateText({
      model: costeer('big'),
      system: 'Be brief.',
      prompt: 'Hello',
      temperature: 0,
      maxOutputTokens: 9,
      presencePenalty: 0.5,
      seed: 3,
      providerOptions: { costeer: { costeer: { profile: 'ann', strength: 0.5 } } },
    })
    expect(result.text).toBe('Good day')
    expect(result.finishReason).toBe('stop')
    expect(result.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 })
    expect(result.response.headers?.['x-costeer-steering']).toBe('on')
    expect(gateway.requests[0]).toMatchObject({
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
      },
      maxTokens: 9,
      sampling: { temperature: 0, seed: 3, adjustments: { presencePenalty: 0.5 } },
      caller: { apiKey: 'key', profile: 'ann' },
      overrides: { strength: 0.5 },
    })
  })

  test('streams text with its usage', async () => {
    const { costeer } = await provider({ choices: [say('Grüße', ' 👋')] })
    const result = streamText({ model: costeer('big'), prompt: 'Hello' })
    const pieces: string[] = []
    for await (const piece of result.textStream) pieces.push(piece)
    expect(pieces).toEqual(['Grüße', ' 👋'])
    expect(await result.finishReason).toBe('stop')
    expect(await result.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 })
  })

  test('streams completions', async () => {
    const { costeer, gateway } = await provider({ choices: [say(' upon', ' a')] })
    const result = streamText({ model: costeer.completionModel('big'), prompt: 'Once' })
    expect(await result.text).toBe(' upon a')
    expect(gateway.requests[0]?.prompt).toMatchObject({ type: 'text' })
  })

  test('reports failures as its own errors', async () => {
    const error = new GatewayError('context_length_exceeded', 'Too long.')
    const { costeer } = await provider({ choices: [[{ type: 'fail', error }]] })
    const failure = await generateText({ model: costeer('big'), prompt: 'x', maxRetries: 0 }).catch(
      (e: unknown) => e,
    )
    expect(APICallError.isInstance(failure) && failure.statusCode).toBe(400)
    expect(failure).toMatchObject({ message: 'Too long.' })
  })

  test('stops the decoding when it aborts', async () => {
    const { costeer, gateway } = await provider({ choices: [[text('a'), { type: 'hang' }]] })
    const controller = new AbortController()
    const result = streamText({ model: costeer('big'), prompt: 'x', abortSignal: controller.signal })
    for await (const _piece of result.textStream) controller.abort()
    await until(() => gateway.ended() === 1)
  })
})
