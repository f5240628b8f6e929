import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { traceObjectSchema, type WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'

export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** What is asked; what is undefined is left to the gateway. */
export interface ChatQuestion {
  readonly model: string
  readonly messages: readonly ChatTurn[]
  readonly profile?: string | undefined
  readonly strength?: number | undefined
  readonly temperature?: number | undefined
  readonly seed?: number | undefined
  readonly maxTokens?: number | undefined
  /** Functions that the model may call. */
  readonly tools?: readonly object[] | undefined
}

/** What the model wants a tool to do. */
export interface ChatCall {
  readonly name: string
  /** A JSON text, cut off where the answer is. */
  readonly arguments: string
}

export interface ChatAnswer {
  /** `on`, `off` or `bypassed; reason=...`, as the gateway said. */
  readonly steering: string
  readonly text: string
  /** What the model thought before it answered; missing for nothing. */
  readonly reasoning?: string
  /** Missing for none. */
  readonly tool_calls?: readonly ChatCall[]
  /** `interrupted` when the signal ended it. */
  readonly finish_reason: string
}

const callDeltaSchema = z.object({
  index: z.int().min(0),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }),
})

const deltaSchema = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  /** The same, where the model is served by vLLM. */
  reasoning: z.string().nullish(),
  tool_calls: z.array(callDeltaSchema).nullish(),
})

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: deltaSchema.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  error: z.object({ message: z.string() }).nullish(),
  costeer: z.unknown().optional(),
})

export interface AnswerReader {
  onText(text: string): void
  onThought?(text: string): void
  /** A call that is complete, or as far as it came. */
  onCall?(call: ChatCall): void
  /** How a token came about, before its text; the gateway is asked to tell only if this is there. */
  onTrace?(trace: WireTokenTrace): void
}

/** Streams one answer; an abort of the signal ends it early with what there is. Rejects with GatewayError. */
export async function chatAnswer(
  ask: Ask,
  question: ChatQuestion,
  { reader, signal }: { readonly reader: AnswerReader; readonly signal: AbortSignal },
): Promise<ChatAnswer> {
  let steering = 'off'
  let text = ''
  let reasoning = ''
  const calls = new CallParts((call) => reader.onCall?.(call))
  let finishReason: string | null = null
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return
      const { choices, error, costeer } = chunkSchema.parse(JSON.parse(data))
      if (error) throw new GatewayError('upstream_refused', error.message)
      const trace = costeer === undefined ? null : traceObjectSchema.parse(costeer)
      if (trace?.type === 'token-trace') reader.onTrace?.(trace)
      const delta = choices?.[0]?.delta
      finishReason = choices?.[0]?.finish_reason ?? finishReason
      const thought = delta?.reasoning_content ?? delta?.reasoning ?? ''
      reasoning += thought
      if (thought !== '') reader.onThought?.(thought)
      const said = delta?.content ?? ''
      text += said
      if (said !== '') reader.onText(said)
      for (const part of delta?.tool_calls ?? []) calls.add(part)
    },
  })
  try {
    const response = await ask('/v1/chat/completions', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(reader.onTrace && { 'x-costeer-trace': '1' }),
      },
      body: requestBody(question),
      signal,
    })
    steering = response.headers.get('x-costeer-steering') ?? steering
    for await (const piece of textOf(response, signal)) parser.feed(piece)
    signal.throwIfAborted()
  } catch (failure) {
    if (!signal.aborted) throw failure
    finishReason = 'interrupted'
  }
  const called = calls.end()
  if (finishReason !== null) {
    return {
      steering,
      text,
      ...(reasoning !== '' && { reasoning }),
      ...(called.length > 0 && { tool_calls: called }),
      finish_reason: finishReason,
    }
  }
  throw new GatewayError('upstream_invalid_reply', 'The gateway broke off the answer. Look at its log.')
}

/** Joins calls from their parts, and tells each once the next begins, or at the end. */
class CallParts {
  readonly #tell: (call: ChatCall) => void
  readonly #calls = new Map<number, ChatCall>()
  #open: number | null = null

  constructor(tell: (call: ChatCall) => void) {
    this.#tell = tell
  }

  add({ index, function: part }: z.infer<typeof callDeltaSchema>): void {
    if (index !== this.#open) this.#tellOpen()
    this.#open = index
    const before = this.#calls.get(index) ?? { name: '', arguments: '' }
    this.#calls.set(index, {
      name: before.name + (part.name ?? ''),
      arguments: before.arguments + (part.arguments ?? ''),
    })
  }

  end(): readonly ChatCall[] {
    this.#tellOpen()
    this.#open = null
    return [...this.#calls.values()]
  }

  #tellOpen(): void {
    const call = this.#open === null ? undefined : this.#calls.get(this.#open)
    if (call !== undefined) this.#tell(call)
  }
}

/** The body as it arrives. An abort cancels it, which a response of this process does not do by itself. */
async function* textOf({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  if (body === null) return
  const reader = body.getReader()
  const onAbort = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const decoder = new TextDecoder()
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield decoder.decode(read.value, { stream: true })
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function requestBody(question: ChatQuestion): string {
  const { model, messages, profile, strength, temperature, seed, maxTokens, tools } = question
  return JSON.stringify({
    model,
    messages,
    temperature,
    seed,
    max_tokens: maxTokens,
    tools,
    stream: true,
    // Undefined members are left out
    costeer: { profile, strength },
  })
}
