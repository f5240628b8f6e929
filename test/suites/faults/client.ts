import { type IncomingMessage, request } from 'node:http'
import { z } from 'zod'
import { errorEnvelopeSchema } from '../../../src/proxy/errors/error-schema.ts'
import { eventData } from '../../proxy/sse/sse-reading.ts'

export interface Asked {
  /** Resolves with the head of the response; its body waits to be read. */
  readonly response: Promise<IncomingMessage>
  /** Goes away without a word. */
  leave(): void
}

/** Sends a request on a connection of its own. */
export function send(url: string, body: object, path = '/v1/chat/completions'): Asked {
  const sent = request(url + path, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json' },
  })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve)
    sent.on('error', reject)
  })
  response.catch(() => {})
  sent.end(JSON.stringify({ messages: [{ role: 'user', content: 'How was your day?' }], ...body }))
  return { response, leave: () => sent.destroy() }
}

/** What a client sees in the end. */
export interface Seen {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Of the answer, as far as it came. */
  readonly text: string
  /** The code of the error, in the body or as the last event; null for an answer. */
  readonly error: string | null
  /** Whether the answer is whole. */
  readonly done: boolean
  /** Of a whole answer that was not streamed. */
  readonly promptTokens?: number
}

const completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
  usage: z.object({ prompt_tokens: z.number() }).default({ prompt_tokens: 0 }),
})
const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
})

/** Reads a response to its end, and checks that it is one of OpenAI's shapes. */
export async function seen(response: IncomingMessage, options: ReadOptions = {}): Promise<Seen> {
  const { readBytes, onText } = options
  const pieces: Buffer[] = []
  const whole: AsyncIterable<Buffer> = readBytes === undefined ? response : slowly(response, readBytes)
  for await (const piece of whole) {
    pieces.push(piece)
    onText?.(streamedText(Buffer.concat(pieces).toString()))
  }
  const body = Buffer.concat(pieces).toString()
  const { statusCode: status = 0, headers } = response
  const head = { status, headers }
  if (!/^text\/event-stream/.test(headers['content-type'] ?? '')) {
    const json: unknown = JSON.parse(body)
    if (status !== 200) return { ...head, text: '', error: errorCode(json), done: false }
    const { choices, usage } = completion.parse(json)
    const text = choices[0].message.content
    return { ...head, text, error: null, done: true, promptTokens: usage.prompt_tokens }
  }
  const last = eventData([body]).at(-1) ?? ''
  const done = last === '[DONE]'
  const failed = done ? null : errorEnvelopeSchema.safeParse(JSON.parse(last))
  return { ...head, text: streamedText(body), error: failed?.success ? failed.data.error.code : null, done }
}

interface ReadOptions {
  /** Reads so many bytes in a turn of the event loop. */
  readonly readBytes?: number
  /** Told the text of a streamed answer as it grows. */
  readonly onText?: (text: string) => void
}

/** The text in the events of a stream, the last of which may be an error or the end. */
function streamedText(body: string): string {
  return eventData([body])
    .filter((data) => data !== '[DONE]')
    .map((data) => chunk.or(errorEnvelopeSchema).parse(JSON.parse(data)))
    .flatMap((event) => ('choices' in event ? event.choices : []))
    .map(({ delta }) => delta.content ?? '')
    .join('')
}

/** A few bytes at a time, with a turn of the event loop between them. */
async function* slowly(response: IncomingMessage, bytes: number): AsyncGenerator<Buffer> {
  while (!response.readableEnded && !response.destroyed) {
    const piece: Buffer | null = response.read(Math.min(bytes, response.readableLength || bytes))
    if (piece !== null) yield piece
    await new Promise(setImmediate)
  }
}

function errorCode(envelope: unknown): string {
  return errorEnvelopeSchema.parse(envelope).error.code ?? ''
}

export async function ask(url: string, body: object, path?: string): Promise<Seen> {
  return seen(await send(url, body, path).response)
}
