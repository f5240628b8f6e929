import type { ServerResponse } from 'node:http'
import { z } from 'zod'

const requestSchema = z.object({ stream: z.boolean().nullish() })

const identity = { id: 'chatcmpl-fixed', created: 1_700_000_000, model: 'smollm2-135m' }
const message = { role: 'assistant', content: 'The ferry leaves at nine, and the kettle is on.' }
const usage = { prompt_tokens: 24, completion_tokens: 12, total_tokens: 36 }

const whole = JSON.stringify({
  ...identity,
  object: 'chat.completion',
  choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
  usage,
})

function event(delta: object, finish_reason: string | null = null): string {
  const chunk = { ...identity, object: 'chat.completion.chunk' }
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason }] })}\n\n`
}

const events: readonly string[] = [
  event({ role: 'assistant', content: '' }),
  ...message.content.split(/(?= )/).map((content) => event({ content })),
  event({}, 'stop'),
  'data: [DONE]\n\n',
]

/** One small reply, always the same; streamed ones leave event by event. */
export async function answerChat(body: string, response: ServerResponse): Promise<void> {
  if (requestSchema.parse(JSON.parse(body)).stream !== true) {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) }
    response.writeHead(200, headers).end(whole)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const one of events) {
    response.write(one)
    await new Promise(setImmediate)
  }
  response.end()
}
