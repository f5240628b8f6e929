import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
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

type Top = { readonly id: number; readonly logprob: number }

const [file = '', step = '30', prompt = '0'] = process.argv.slice(2)
const stepMs = Number(step)
const recording = recordingSchema.parse(JSON.parse(await readFile(file, 'utf8')))
const distributions = new Map(Object.entries(recording.distributions))
/** The recorded answers, prompts included. */
const paths = [...distributions.keys()]
  .toSorted((a, b) => b.length - a.length)
  .reduce<string[]>((longest, key) => {
    if (!longest.some((path) => path.startsWith(`${key},`))) longest.push(key)
    return longest
  }, [])
  .map((path) => path.split(',').map(Number))
const seenPrompts = new Set<string>()

/** Everything behind which nothing was asked. */
const prompts = [...distributions.keys()].filter((key) => !distributions.has(key.replace(/,?\d+$/, '')))

/** The recorded prompt that a prefix begins with. */
function promptOf(prefix: readonly number[]): string {
  const key = prefix.join(',')
  return prompts.find((prompt) => key === prompt || key.startsWith(`${prompt},`)) ?? ''
}

/**
 * Behind a guess that was wrong nothing is recorded: the answer's own distribution at that place stands in.
 */
function distributionAt(prefix: readonly number[]): readonly Top[] {
  const known = distributions.get(prefix.join(','))
  if (known !== undefined) return known
  let nearest = paths[0] ?? []
  for (const path of paths) if (sharedTokens(path, prefix) > sharedTokens(nearest, prefix)) nearest = path
  return distributions.get(nearest.slice(0, prefix.length).join(',')) ?? []
}

function sharedTokens(path: readonly number[], prefix: readonly number[]): number {
  const differs = path.findIndex((token, at) => token !== prefix[at])
  return differs === -1 ? path.length : differs
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
async function* continuation(prefix: readonly number[], count: number): AsyncGenerator<readonly Top[]> {
  const sequence = [...prefix]
  for await (const _ of steps(promptOf(prefix), count)) {
    const top = distributionAt(sequence)
    sequence.push(top[0]?.id ?? 0)
    yield top
  }
}

function reported(top: readonly Top[], probabilities: number) {
  return {
    tokens: [top[0]?.id],
    completion_probabilities: [{ id: top[0]?.id, top_logprobs: top.slice(0, probabilities) }],
  }
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
        for await (const top of continuation(prefix, 1)) return { index, ...reported(top, probabilities) }
        return null
      }),
    )
    response.end(JSON.stringify(answers))
    return
  }
  const prefix = prompt.filter((one) => typeof one === 'number')
  let predicted = 0
  for await (const top of continuation(prefix, count)) {
    if (response.destroyed) return
    predicted++
    const event = { ...reported(top, probabilities), stop: false, tokens_predicted: predicted }
    response.write(`data: ${JSON.stringify(event)}\n\n`)
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
  const recorded = recording.replies[replyKey(method, url, body)]
  // The start-up probe's streams are recorded whole.
  const isProbe = recorded?.startsWith('data:') === true || recorded === UNTIMED
  if (url === '/completion' && !isProbe) return complete(body, response)
  if (recorded === undefined) response.writeHead(404).end('{"error":{"message":"not recorded"}}')
  else response.end(recorded)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`replaying at http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
