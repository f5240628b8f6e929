import OpenAI, { APIError, APIUserAbortError, AuthenticationError, NotFoundError } from 'openai'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { listening, until } from '../../proxy/app-under-test/listening-app.ts'
import { manualTimers } from '../../proxy/app-under-test/manual-timers.ts'
import { end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}

async function client(script: Script, options: ConstructorParameters<typeof OpenAI>[0] = {}) {
  const server = await listening({ script })
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'unused', maxRetries: 0, ...options })
  return { openai, ...server }
}

describe("OpenAI's own client", () => {
  test('reads a complete answer', async () => {
    const { openai } = await client({ choices: [say('Good', ' day')] })
    const { data, response, request_id } = await openai.chat.completions
      .create({ model: 'big', messages })
      .withResponse()
    expect(data.choices[0]?.message.content).toBe('Good day')
    expect(data.usage?.total_tokens).toBe(9)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(request_id).toMatch(/./)
  })

  test('reads a stream, and builds the same answer from it', async () => {
    const { openai } = await client({ choices: [say('Grüße', ' 👋')] })
    const stream = openai.chat.completions.stream({
      model: 'acme/alias',
      messages,
      stream_options: { include_usage: true },
    })
    const completion = await stream.finalChatCompletion()
    expect(completion).toMatchObject({
      model: 'acme/alias',
      choices: [{ message: { role: 'assistant', content: 'Grüße 👋' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7, completion_tokens: 2 },
    })
  })

  test('reads several streamed choices', async () => {
    const { openai } = await client({ choices: [say('a', 'b'), [text('c'), end(1, 'length')]] })
    const completion = await openai.chat.completions
      .stream({ model: 'big', messages, n: 2 })
      .finalChatCompletion()
    expect(completion.choices.map(({ message, finish_reason }) => [message.content, finish_reason])).toEqual([
      ['ab', 'stop'],
      ['c', 'length'],
    ])
  })

  test('reads log-probabilities, streamed and not', async () => {
    const alternative = { token: tokenId(2), bytes: new TextEncoder().encode('Bad'), logprob: -3 }
    const report = { token: tokenId(1), bytes: new TextEncoder().encode('Good'), logprob: -0.1 }
    const tokens = [{ ...report, alternatives: [report, alternative] }]
    const { openai } = await client({ choices: [[{ type: 'text-delta', text: 'Good', tokens }, end(1)]] })
    const body = { model: 'big', messages, logprobs: true, top_logprobs: 2 }
    const complete = await openai.chat.completions.create(body)
    const streamed = await openai.chat.completions.stream(body).finalChatCompletion()
    for (const { choices } of [complete, streamed]) {
      const [entry] = choices[0]?.logprobs?.content ?? []
      expect(entry).toMatchObject({ token: 'Good', logprob: -0.1, bytes: [71, 111, 111, 100] })
      expect(entry?.top_logprobs.map(({ token }) => token)).toEqual(['Good', 'Bad'])
    }
  })

  test('takes comments for what they are, before the first token and between tokens', async () => {
    const timers = manualTimers()
    const silence: Step = {
      type: 'do',
      async action() {
        for (let turn = 0; turn < 5; turn++) {
          await new Promise((resolve) => setImmediate(resolve))
          timers.advance(15_000)
        }
      },
    }
    const script = { choices: [[silence, text('Good'), silence, text(' day'), end(2)]] }
    const { url } = await listening({ script, timers })
    const raw: Promise<string>[] = []
    const openai = new OpenAI({
      baseURL: `${url}/v1`,
      apiKey: 'x',
      async fetch(input, init) {
        const response = await fetch(input, init)
        raw.push(response.clone().text())
        return response
      },
    })
    const chat = await openai.chat.completions.stream({ model: 'big', messages }).finalChatCompletion()
    expect(chat.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Good day' } })
    const response = await openai.responses.stream({ model: 'big', input: 'Hello' }).finalResponse()
    expect(response.output_text).toBe('Good day')
    for (const body of await Promise.all(raw)) {
      expect(body.slice(0, body.indexOf('Good'))).toContain(': ping\n\n')
      expect(body.slice(body.indexOf('Good'))).toContain(': ping\n\n')
    }
  })

  test('sends overrides as extra fields', async () => {
    const { openai, gateway } = await client({ choices: [say('x')] })
    const body = { model: 'big', messages, costeer: { profile: 'none', strength: 0.5 }, top_k: 5 }
    await openai.chat.completions.create(body)
    expect(gateway.requests[0]).toMatchObject({
      caller: { apiKey: 'unused', profile: 'none' },
      overrides: { strength: 0.5 },
      sampling: { topK: 5 },
    })
  })

  test('lists and finds models', async () => {
    const { openai } = await client({ choices: [[]] })
    const ids = []
    for await (const { id } of openai.models.list()) ids.push(id)
    expect(ids).toEqual(['big', 'acme/alias'])
    expect((await openai.models.retrieve('acme/alias')).id).toBe('acme/alias')
    await expect(openai.models.retrieve('nobody')).rejects.toBeInstanceOf(NotFoundError)
  })

  test('throws its error classes, with our message', async () => {
    const error = new GatewayError('invalid_api_key', 'No such key.')
    const { openai } = await client({ choices: [[{ type: 'fail', error }]] })
    const failure = await openai.chat.completions.create({ model: 'big', messages }).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(AuthenticationError)
    expect(failure).toMatchObject({ status: 401, code: 'invalid_api_key', message: '401 No such key.' })
  })

  test('throws when a stream breaks', async () => {
    const error = new GatewayError('upstream_timeout', 'The upstream fell silent.')
    const { openai } = await client({ choices: [[text('Good'), { type: 'fail', error }]] })
    const stream = await openai.chat.completions.create({ model: 'big', messages, stream: true })
    const seen: string[] = []
    const reading = (async () => {
      for await (const { choices } of stream) seen.push(choices[0]?.delta.content ?? '')
    })()
    const failure = await reading.catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ code: 'upstream_timeout', type: 'server_error' })
    expect(seen.join('')).toBe('Good')
  })

  test.each([
    ['upstream_refused', 1],
    ['upstream_unreachable', 2],
  ] as const)('repeats only what may succeed: %s is sent %i time(s)', async (code, times) => {
    const error = new GatewayError(code, 'No.', { retryAfterSeconds: 0.001 })
    const { openai, gateway } = await client({ choices: [[{ type: 'fail', error }]] }, { maxRetries: 1 })
    await expect(openai.chat.completions.create({ model: 'big', messages })).rejects.toThrow('No.')
    expect(gateway.requests).toHaveLength(times)
  })

  test('stops the decoding when it aborts in the middle of a stream', async () => {
    const { openai, gateway } = await client({ choices: [[text('a'), { type: 'hang' }]] })
    const stream = await openai.chat.completions.create({ model: 'big', messages, stream: true })
    for await (const { choices } of stream) {
      if (choices[0]?.delta.content === 'a') break
    }
    await until(() => gateway.ended() === 1)
    expect(gateway.requests[0]?.signal.aborted).toBe(true)
  })

  test('stops the decoding when it aborts a complete answer', async () => {
    const { openai, gateway } = await client({ choices: [[{ type: 'hang' }]] })
    const controller = new AbortController()
    const answer = openai.chat.completions.create({ model: 'big', messages }, { signal: controller.signal })
    const failure = answer.catch((e: unknown) => e)
    await until(() => gateway.pulled() === 1)
    controller.abort()
    expect(await failure).toBeInstanceOf(APIUserAbortError)
    await until(() => gateway.ended() === 1)
  })
})
