import { createParser } from 'eventsource-parser'
import { type Dispatcher, request } from 'undici'
import { z } from 'zod'

const chunkSchema = z.object({
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullable() }),
  ),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
})

const failureSchema = z.object({ error: z.object({ code: z.string().nullish() }) })

export interface StreamedAnswerOptions {
  /** Base address with /v1. */
  readonly url: string
  readonly dispatcher: Dispatcher
  readonly profile: string
  readonly question: string
  readonly tokens: number
  /** Go away after so many pieces of text. */
  readonly leaveAfter: number | null
  /** Called for each piece of text, with the time since the one before, or since the request. */
  readonly onText: (waitMs: number) => void
}

/**
 * Asks for one steered answer and reads it to its end. Rejects with what is wrong with it: a
 * refusal, an error inside, a frame that is no chunk, an end that is missing or not the last thing.
 */
export async function streamedAnswer(options: StreamedAnswerOptions): Promise<void> {
  const { url, dispatcher, profile, question, tokens, leaveAfter, onText } = options
  const leaving = new AbortController()
  let lastMs = performance.now()
  const response = await request(`${url}/chat/completions`, {
    dispatcher,
    method: 'POST',
    signal: leaving.signal,
    headers: { 'content-type': 'application/json', 'x-costeer-profile': profile },
    body: JSON.stringify({
      model: 'costeer',
      messages: [{ role: 'user', content: question }],
      max_tokens: tokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
  })
  if (response.statusCode !== 200)
    throw new Error(`HTTP ${response.statusCode}: ${await response.body.text()}`)
  const steering = String(response.headers['x-costeer-steering'])
  if (!steering.startsWith('on')) throw new Error(`x-costeer-steering: ${steering}`)
  const frames = new AnswerFrames()
  let pieces = 0
  const parser = createParser({
    onEvent: ({ data }) => {
      if (!frames.take(data)) return
      const nowMs = performance.now()
      pieces++
      onText(nowMs - lastMs)
      lastMs = nowMs
    },
    onError: (error) => {
      throw error
    },
  })
  const decoder = new TextDecoder()
  for await (const bytes of response.body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    if (leaveAfter === null || pieces < leaveAfter) continue
    response.body.on('error', () => {})
    leaving.abort()
    return
  }
  frames.end(tokens)
}

/** What a stream has shown so far. */
class AnswerFrames {
  #finishReason: string | null = null
  #completionTokens: number | null = null
  #done = false

  /** Whether the frame held text. */
  take(data: string): boolean {
    if (this.#done) throw new Error('a frame behind [DONE]')
    if (data === '[DONE]') {
      this.#done = true
      return false
    }
    const frame: unknown = JSON.parse(data)
    const failure = failureSchema.safeParse(frame).data
    if (failure !== undefined) throw new Error(`an error inside the stream: ${failure.error.code}`)
    const { choices, usage } = chunkSchema.parse(frame)
    this.#completionTokens = usage?.completion_tokens ?? this.#completionTokens
    const choice = choices[0]
    if (choice === undefined) return false
    if (this.#finishReason !== null) throw new Error('a choice that goes on behind its finish_reason')
    this.#finishReason = choice.finish_reason
    return (choice.delta.content ?? '') !== ''
  }

  end(tokens: number): void {
    if (!this.#done) throw new Error('no [DONE] at the end')
    if (this.#finishReason === 'stop') return
    if (this.#finishReason !== 'length') throw new Error(`finish_reason ${this.#finishReason}`)
    if (this.#completionTokens !== tokens)
      throw new Error(`${this.#completionTokens} tokens instead of ${tokens}`)
  }
}
