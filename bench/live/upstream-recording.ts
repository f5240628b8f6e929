import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/** What a llama.cpp server answered while a token-by-token run was recorded. */
export const recordingSchema = z.object({
  /** Replies by method, path and body. */
  replies: z.record(z.string(), z.string()),
  /** `top_logprobs` by the token ids before them, joined by commas. */
  distributions: z.record(z.string(), z.array(z.object({ id: z.number(), logprob: z.number() }))),
})

export type UpstreamRecording = z.infer<typeof recordingSchema>

export function replyKey(method: string, path: string, body: string): string {
  return `${method} ${path} ${body}`
}

/** How long requests take at the recorded server is not how long they take when replayed. */
export const UNTIMED = '{}'

const askedSchema = z.object({ prompt: z.array(z.array(z.number())) })
const answeredSchema = z.array(
  z.object({
    index: z.number(),
    completion_probabilities: z.array(
      z.object({ top_logprobs: z.array(z.object({ id: z.number(), logprob: z.number() })) }),
    ),
  }),
)

/** A relay in front of a llama.cpp server that writes down what it answers. */
export async function startRecorder(target: string) {
  const recording: UpstreamRecording = { replies: {}, distributions: {} }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const { method = 'GET', url = '' } = request
    const reply = await fetch(target + url, {
      method,
      ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }),
    })
    const text = await reply.text()
    const measuresPace = body.includes('"timings"')
    recording.replies[replyKey(method, url, body)] = measuresPace ? UNTIMED : text
    if (url === '/completion' && !measuresPace) recordDistributions(recording, body, text)
    const type = reply.headers.get('content-type') ?? 'application/json'
    response.writeHead(reply.status, { 'content-type': type }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    recording,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function recordDistributions(recording: UpstreamRecording, body: string, reply: string): void {
  const asked = askedSchema.safeParse(JSON.parse(body))
  if (!asked.success) return
  const parsed: unknown = JSON.parse(reply)
  for (const { index, completion_probabilities: steps } of answeredSchema.parse([parsed].flat())) {
    const prefix = asked.data.prompt[index]
    const top = steps[0]?.top_logprobs
    if (prefix === undefined || top === undefined) continue
    recording.distributions[prefix.join(',')] = top.map(({ id, logprob }) => ({ id, logprob }))
  }
}
