import { Ollama } from 'ollama'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { listening } from '../../proxy/app-under-test/listening-app.ts'
import { manualTimers } from '../../proxy/app-under-test/manual-timers.ts'
import { call, end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const said: Step[] = [text('Grüße'), text(' 👋'), end(2)]

async function client(script: Script, options: Partial<Parameters<typeof listening>[0]> = {}) {
  const server = await listening({ script, ...options })
  return { ollama: new Ollama({ host: server.url }), ...server }
}

async function collected<Part>(parts: AsyncIterable<Part>): Promise<Part[]> {
  const all: Part[] = []
  for await (const part of parts) all.push(part)
  return all
}

describe("Ollama's own client", () => {
  test('reads a whole answer, and one line by line', async () => {
    const { ollama, gateway } = await client({ choices: [said] })
    const whole = await ollama.chat({
      model: 'big:latest',
      messages: [{ role: 'system', content: 'Be brief.' }, ...messages],
      options: { temperature: 0.5, num_predict: 9, stop: ['###'], seed: 4 },
      keep_alive: '1h',
    })
    expect(whole).toMatchObject({
      model: 'big',
      message: { role: 'assistant', content: 'Grüße 👋' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 7,
      eval_count: 2,
    })
    expect(gateway.requests[0]).toMatchObject({
      model: 'big',
      prompt: { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] },
      sampling: { temperature: 0.5, seed: 4 },
      maxTokens: 9,
      stop: ['###'],
    })
    const lines = await collected(await ollama.chat({ model: 'big', messages, stream: true }))
    expect(lines.map(({ message }) => message.content)).toEqual(['Grüße', ' 👋', ''])
    expect(lines.at(-1)).toMatchObject({ done: true, eval_count: 2 })
  })

  test('reads thoughts and calls', async () => {
    const steps: AnswerEvent[] = [
      { type: 'reasoning-delta', text: 'Oslo, then.' },
      ...call(0, 'call_1', 'weather', '{"city":', '"Oslo"}'),
      { type: 'answer-end', finishReason: 'tool_calls', completionTokens: 12, reasoningTokens: 4 },
    ]
    const { ollama, gateway } = await client({ choices: [steps], upstream: { readsCalls: true } })
    const tools = [{ type: 'function', function: { name: 'weather', description: 'Tells it.' } }]
    const earlier = [
      ...messages,
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ function: { name: 'weather', arguments: { city: 'Bergen' } } }],
      },
      { role: 'tool', content: 'Rain', tool_name: 'weather' },
    ]
    const calls = [{ function: { name: 'weather', arguments: { city: 'Oslo' } } }]
    const asked = { model: 'big', messages: earlier, tools, think: true }
    const whole = await ollama.chat(asked)
    expect(whole.message).toMatchObject({ content: '', thinking: 'Oslo, then.', tool_calls: calls })
    const lines = await collected(await ollama.chat({ ...asked, stream: true }))
    expect(lines.map(({ message }) => message.thinking).join('')).toBe('Oslo, then.')
    expect(lines.flatMap(({ message }) => message.tool_calls ?? [])).toMatchObject(calls)
    const { prompt } = gateway.requests[0] ?? {}
    expect(prompt).toMatchObject({
      messages: [
        messages[0],
        {
          role: 'assistant',
          tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Bergen"}' } }],
        },
        { role: 'tool', content: 'Rain', name: 'weather' },
      ],
      thinking: { thinks: true },
      tools: { tools },
    })
  })

  test('generates from a prompt, raw or not', async () => {
    const { ollama, gateway } = await client({ choices: [said] })
    const whole = await ollama.generate({ model: 'big', prompt: 'Hi', system: 'Be brief.' })
    expect(whole).toMatchObject({ response: 'Grüße 👋', done: true, done_reason: 'stop' })
    const lines = await collected(
      await ollama.generate({ model: 'big', prompt: 'Once', raw: true, stream: true }),
    )
    expect(lines.map(({ response }) => response)).toEqual(['Grüße', ' 👋', ''])
    expect(gateway.requests.map(({ prompt }) => prompt)).toEqual([
      {
        type: 'chat',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
      { type: 'text', text: 'Once' },
    ])
  })

  test('reads log-probabilities', async () => {
    const bytes = new TextEncoder().encode('Good')
    const report = { token: tokenId(1), bytes, logprob: -0.1 }
    const tokens = [{ ...report, alternatives: [report] }]
    const { ollama } = await client({ choices: [[{ type: 'text-delta', text: 'Good', tokens }, end(1)]] })
    const asked = { model: 'big', messages, logprobs: true, top_logprobs: 1 }
    const expected = [{ token: 'Good', logprob: -0.1, top_logprobs: [{ token: 'Good' }] }]
    expect((await ollama.chat(asked)).logprobs).toMatchObject(expected)
    const [first] = await collected(await ollama.chat({ ...asked, stream: true }))
    expect(first?.logprobs).toMatchObject(expected)
  })

  test('gets lines that say nothing in silences', async () => {
    const timers = manualTimers()
    const silence: Step = {
      type: 'do',
      async action() {
        await new Promise((resolve) => setImmediate(resolve))
        timers.advance(15_000)
      },
    }
    const { ollama } = await client(
      { choices: [[text('Good'), silence, silence, text(' day'), end(2)]] },
      { timers },
    )
    const lines = await collected(await ollama.chat({ model: 'big', messages, stream: true }))
    expect(lines.map(({ message }) => message.content).join('')).toBe('Good day')
    expect(lines.length).toBeGreaterThan(3)
  })

  test('lists models', async () => {
    const { ollama } = await client({ choices: [said] })
    expect((await ollama.list()).models.map(({ name }) => name)).toEqual(['big', 'acme/alias'])
  })

  test('throws the words of a refusal, and of a stream that breaks', async () => {
    const onPrepare = () => {
      throw new GatewayError('context_length_exceeded', 'Too long.', { param: 'messages' })
    }
    const { ollama } = await client({ choices: [said], onPrepare })
    await expect(ollama.chat({ model: 'big', messages })).rejects.toThrow('Too long.')
    const fails = { type: 'fail' as const, error: new GatewayError('upstream_timeout', 'Late.') }
    const { ollama: other } = await client({ choices: [[text('Good'), fails]] })
    const reading = collected(await other.chat({ model: 'big', messages, stream: true }))
    await expect(reading).rejects.toThrow('Late.')
  })
})
