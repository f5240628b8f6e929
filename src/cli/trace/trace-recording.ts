import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { traceObjectSchema, type WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'

/** One traced answer: how each token came about, and when something was sent upstream. */
export interface TraceRecording {
  /** In the order in which they were emitted. */
  readonly tokens: readonly WireTokenTrace[]
  /** Milliseconds since the answer began. */
  readonly requests: readonly { readonly atMs: number; readonly path: string }[]
}

const savedSchema = z.object({
  tokens: z.array(z.looseObject({})),
  requests: z.array(z.object({ atMs: z.number(), path: z.string() })),
})
const chunkSchema = z.object({
  costeer: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
})

/** What a traced answer told so far; `error` is the gateway's own message when it broke off. */
export class TraceReader {
  readonly #tokens: WireTokenTrace[] = []
  readonly #requests: { atMs: number; path: string }[] = []
  readonly #parser = createParser({ onEvent: ({ data }) => this.#take(data) })
  #error: string | null = null

  feed(text: string): void {
    this.#parser.feed(text)
  }

  get error(): string | null {
    return this.#error
  }

  get recording(): TraceRecording {
    return { tokens: this.#tokens, requests: this.#requests }
  }

  #take(data: string): void {
    if (data === '[DONE]') return
    const chunk = chunkSchema.parse(JSON.parse(data))
    this.#error ??= chunk.error?.message ?? null
    if (chunk.costeer === undefined) return
    const trace = traceObjectSchema.parse(chunk.costeer)
    // The timeline shows one answer
    if (trace.choice !== 0) return
    if (trace.type === 'token-trace') this.#tokens.push(trace)
    if (trace.type === 'upstream-request') this.#requests.push({ atMs: trace.atMs, path: trace.path })
  }
}

/**
 * Reads a saved trace: the JSON of `costeer trace --json`, or a stream as the gateway sent it. Throws
 * `invalid_request`.
 */
export function parseTrace(text: string, origin: string): TraceRecording {
  try {
    if (!text.trimStart().startsWith('{')) {
      const reader = new TraceReader()
      reader.feed(`${text}\n\n`)
      return reader.recording
    }
    const { tokens, requests } = savedSchema.parse(JSON.parse(text))
    const parsed = tokens.map((token) => traceObjectSchema.parse(token))
    return { tokens: parsed.filter((trace) => trace.type === 'token-trace'), requests }
  } catch (cause) {
    const message = `${origin} holds no trace: give the output of "costeer trace --json", or a saved stream of a request with "x-costeer-trace: 1".`
    throw new GatewayError('invalid_request', message, { cause })
  }
}
