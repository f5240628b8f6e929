import type { Signal } from '@preact/signals'
import type { WireTokenTrace, WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'
import { type ChatEvent, type ChatRequest, streamChat } from '../api/chat-stream.ts'
import { failureText } from '../api/gateway-fetch.ts'

/** One answer as far as it has come. A new object for every change. */
export interface Answer {
  readonly status: 'empty' | 'waiting' | 'streaming' | 'complete' | 'stopped' | 'failed'
  readonly text: string
  readonly traces: readonly WireTokenTrace[]
  readonly requests: readonly WireUpstreamRequest[]
  /** From asking until the first text; null before. */
  readonly firstTextMs: number | null
  /** From asking until the last change. */
  readonly elapsedMs: number
  /** The value of `x-costeer-steering`. */
  readonly steering: string
  readonly cutShort: boolean
  readonly failure: string | null
}

export const emptyAnswer: Answer = {
  status: 'empty',
  text: '',
  traces: [],
  requests: [],
  firstTextMs: null,
  elapsedMs: 0,
  steering: 'off',
  cutShort: false,
  failure: null,
}

/** How often a growing answer is shown. */
const SHOW_EVERY_MS = 50

export function isRunning({ status }: Answer): boolean {
  return status === 'waiting' || status === 'streaming'
}

/** Streams an answer into `target`. Resolves at its end, however it ends. */
export async function runAnswer(
  target: Signal<Answer>,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const traces: WireTokenTrace[] = []
  const requests: WireUpstreamRequest[] = []
  let draft: Answer = { ...emptyAnswer, status: 'waiting' }
  let shownAt = 0
  const show = (changes: Partial<Answer>) => {
    draft = { ...draft, ...changes }
    target.value = { ...draft, traces: traces.slice(), requests: requests.slice() }
    shownAt = performance.now()
  }
  show({})
  try {
    for await (const event of streamChat(request, signal)) {
      const elapsedMs = performance.now() - began
      if (event.type === 'token-trace') traces.push(event)
      else if (event.type === 'upstream-request') requests.push(event)
      else draft = { ...draft, ...changeOf(event, draft, elapsedMs) }
      draft = { ...draft, elapsedMs }
      if (performance.now() - shownAt >= SHOW_EVERY_MS) show({})
    }
    show({ status: 'complete' })
  } catch (error) {
    show(signal.aborted ? { status: 'stopped' } : { status: 'failed', failure: failureText(error) })
  }
}

function changeOf(
  event: Exclude<ChatEvent, { type: 'token-trace' | 'upstream-request' }>,
  { text, firstTextMs }: Answer,
  elapsedMs: number,
): Partial<Answer> {
  switch (event.type) {
    case 'answer-start':
      return { steering: event.steering }
    case 'text-delta':
      return { status: 'streaming', text: text + event.text, firstTextMs: firstTextMs ?? elapsedMs }
    case 'answer-end':
      return { cutShort: event.reason === 'length' }
    default:
      return event satisfies never
  }
}
