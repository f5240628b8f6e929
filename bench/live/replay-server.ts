import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RecordedPlace } from './recorded-tree.ts'
import { recordingSchema, replyKey, UNTIMED } from './upstream-recording.ts'

/*
 * node replay-server.js RECORDING STEP_MS [PROMPT_MS] A recorded llama.cpp server that computes
 * nothing: the i-th token of every request leaves i * STEP_MS after it came, whatever else is
 * in flight, as on a large accelerator. A prompt seen for the first time takes PROMPT_MS more.
 */

const completionSchema = z.object({
  prompt: z.union([z.array(z.array(z.number())), z.array(z.number())]),
  n_predict: z.number(),
  n_probs: z.number(),
  stream: z.boolean().default(false),
})

const [file = '', step = '30', prompt = '0'] = process.argv.slice(2)
const stepMs = Number(step)
const recording = recordingSchema.parse(JSON.parse(await readFile(file, 'utf8')))
const distributions = new Map(Object.entries(recording.distributions))
/** Other work of this process is the measured gateway's loss: what is answered is looked up step by step. */
const recorded = new RecordedPlace()
for (const [key, top] of distributions) recorded.record(key.split(',').map(Number), top)
const seenPrompts = new Set<string>()

/** Everything behind which nothing was asked. */
const prompts = [...distributions.keys()].filter((key) => !distributions.has(key.replace(/,?\d+$/, '')))

/** The recorded prompt that a prefix begins with. */
function promptOf(prefix: readonly number[]): string {
  const key = prefix.join(',')
  return prompts.find((prompt) => key === prompt || key.startsWith(`${prompt},`)) ?? ''
}

/** Resolves when each of a request's tokens is due. */
async function* steps(begin: string, count: number): AsyncGenerator<void> {
  let dueMs = performance.now()
  if (!seenPrompts.has(begin)) dueMs += Number(prompt)
  seenPrompts.add(begin)
  for (let i = 0; i < count; i++) {
    dueMs += stepMs
    await sleep(Math.max(0, dueMs - performance.now()))
    yield
  }
}

/** The greedy continuation of a prefix, each token at its time. */
async function* continuation(prefix: readonly number[], count: number): AsyncGenerator<RecordedPlace> {
  let at = { place: recorded, isRecorded: true }
  for (const token of prefix) at = at.place.behind(token, at.isRecorded)
  for await (const _ of steps(promptOf(prefix), count)) {
    yield at.place
    at = at.place.behind(at.place.top[0]?.id ?? 0, at.isRecorded)
  }
}

/** The fields of a reply, without the braces. */
function reported(place: RecordedPlace, probabilities: number): string {
  const id = place.top[0]?.id
  const top = place.json(probabilities)
  return `"tokens":[${id}],"completion_probabilities":[{"id":${id},"top_logprobs":${top}}]`
}

async function complete(body: string, response: ServerResponse): Promise<void> {
  const {
    prompt,
    n_predict: count,
    n_probs: probabilities,
    stream,
  } = completionSchema.parse(JSON.parse(body))
  if (!stream) {
    const prompts = prompt.filter((one) => typeof one !== 'number')
    const answers = await Promise.all(
      prompts.map(async (prefix, index) => {
        for await (const place of continuation(prefix, 1))
          return `{"index":${index},${reported(place, probabilities)}}`
        return 'null'
      }),
    )
    response.end(`[${answers.join(',')}]`)
    return
  }
  const prefix = prompt.filter((one) => typeof one === 'number')
  let predicted = 0
  for await (const place of continuation(prefix, count)) {
    if (response.destroyed) return
    predicted++
    const fields = reported(place, probabilities)
    response.write(`data: {${fields},"stop":false,"tokens_predicted":${predicted}}\n\n`)
  }
  response.end(`data: ${JSON.stringify({ stop: true, tokens: [], tokens_predicted: predicted })}\n\n`)
}

/** The upstream's unsteered stream: its times are those of `steps`, and nobody looks at what it says. */
async function chat(body: string, response: ServerResponse): Promise<void> {
  const chatSchema = z.object({ max_tokens: z.number(), messages: z.array(z.unknown()) })
  const { max_tokens: count, messages } = chatSchema.parse(JSON.parse(body))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const content = [{ token: 'x', logprob: 0, top_logprobs: [] }]
  for await (const _ of steps(JSON.stringify(messages), count)) {
    response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, logprobs: { content } }] })}\n\n`)
  }
  response.end('data: [DONE]\n\n')
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const { method = 'GET', url = '' } = request
  request.socket.setNoDelay(true)
  if (url === '/v1/chat/completions') return chat(body, response)
  const reply = recording.replies[replyKey(method, url, body)]
  // The start-up probe's streams are recorded whole.
  const isProbe = reply?.startsWith('data:') === true || reply === UNTIMED
  if (url === '/completion' && !isProbe) return complete(body, response)
  if (reply === undefined) response.writeHead(404).end('{"error":{"message":"not recorded"}}')
  else response.end(reply)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`replaying at http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
