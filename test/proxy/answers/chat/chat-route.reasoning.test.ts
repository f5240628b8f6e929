import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnswerEvent } from '../../../../src/gateway/answer.ts'
import type { UpstreamAccess } from '../../../../src/gateway/gateway.ts'
import { text } from '../../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../../app-under-test/test-app.ts'

function thought(value: string): AnswerEvent {
  return { type: 'reasoning-delta', text: value }
}

const choice: AnswerEvent[] = [
  thought('Let me'),
  thought(' see.'),
  text('Yes'),
  text('.'),
  { type: 'answer-end', finishReason: 'stop', completionTokens: 9, reasoningTokens: 6 },
]
const usage = {
  prompt_tokens: 7,
  completion_tokens: 9,
  total_tokens: 16,
  completion_tokens_details: { reasoning_tokens: 6 },
}

async function asked(path: string, body: object, upstream: Partial<UpstreamAccess> = {}): Promise<string> {
  const { app } = testApp({ script: { choices: [choice], upstream } })
  const [, init] = chatRequest({})
  const response = await app.request(path, { ...init, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
  return response.text()
}

const messages = [{ role: 'user', content: 'Is it so?' }]

describe('an answer of a model that thinks', () => {
  test('has its thoughts beside the content, and their tokens in the usage', async () => {
    const reply = JSON.parse(await asked('/v1/chat/completions', { messages }))
    expect(reply).toMatchObject({
      choices: [{ message: { role: 'assistant', content: 'Yes.', reasoning_content: 'Let me see.' } }],
      usage,
    })
  })

  test('streams its thoughts as deltas of their own', async () => {
    const stream = await asked('/v1/chat/completions', {
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunk = z.object({
      choices: z.array(z.object({ delta: z.record(z.string(), z.string()) })),
      usage: z.unknown(),
    })
    const chunks = [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) =>
      chunk.parse(JSON.parse(json)),
    )
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'Let me' },
      { reasoning_content: ' see.' },
      { content: 'Yes' },
      { content: '.' },
      {},
    ])
    expect(chunks.at(-1)?.usage).toEqual(usage)
  })

  test('names its thoughts as the server behind it does', async () => {
    const byServer = { reasoningField: 'reasoning' } as const
    const whole = JSON.parse(await asked('/v1/chat/completions', { messages }, byServer))
    expect(whole.choices[0].message).toMatchObject({ content: 'Yes.', reasoning: 'Let me see.' })
    const stream = await asked('/v1/chat/completions', { messages, stream: true }, byServer)
    expect(stream).toContain('"delta":{"reasoning":"Let me"}')
    expect(stream + JSON.stringify(whole)).not.toContain('reasoning_content')
  })

  test('is a response of two items: its thoughts and its message', async () => {
    const reply = JSON.parse(await asked('/v1/responses', { input: 'Is it so?' }))
    expect(reply.output).toMatchObject([
      {
        type: 'reasoning',
        status: 'completed',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Let me see.' }],
      },
      { type: 'message', content: [{ type: 'output_text', text: 'Yes.' }] },
    ])
    expect(reply.usage.output_tokens_details).toEqual({ reasoning_tokens: 6 })
  })

  test('streams its thoughts as an item that is done before the message is added', async () => {
    const stream = await asked('/v1/responses', { input: 'Is it so?', stream: true })
    const event = z.looseObject({
      type: z.string(),
      sequence_number: z.int(),
      output_index: z.int().optional(),
    })
    const events = [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) =>
      event.parse(JSON.parse(json)),
    )
    expect(events.map(({ type, output_index }) => [type.replace('response.', ''), output_index])).toEqual([
      ['created', undefined],
      ['in_progress', undefined],
      ['output_item.added', 0],
      ['content_part.added', 0],
      ['reasoning_text.delta', 0],
      ['reasoning_text.delta', 0],
      ['reasoning_text.done', 0],
      ['content_part.done', 0],
      ['output_item.done', 0],
      ['output_item.added', 1],
      ['content_part.added', 1],
      ['output_text.delta', 1],
      ['output_text.delta', 1],
      ['output_text.done', 1],
      ['content_part.done', 1],
      ['output_item.done', 1],
      ['completed', undefined],
    ])
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()])
    expect(stream).toContain('"reasoning_tokens":6')
  })
})
