import type {
  WireAnswerViews,
  WireTokenTrace,
  WireUpstreamRequest,
} from '../../src/proxy/answers/trace/trace-schema.ts'
import type { AnswerPart } from '../api/chat-event.ts'

/** What the model wants a tool to do, as far as it has come. */
export interface ToolCall {
  readonly name: string
  /** A JSON text. */
  readonly arguments: string
}

/** One answer as far as it has come. A new object for every change. */
export interface Answer {
  readonly status: 'empty' | 'waiting' | 'streaming' | 'complete' | 'stopped' | 'failed'
  /** What the model thought before it answered. */
  readonly reasoning: string
  /** Tokens of the thoughts; null until the end, and for an answer that was not counted. */
  readonly reasoningTokens: number | null
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly traces: readonly WireTokenTrace[]
  readonly requests: readonly WireUpstreamRequest[]
  /** Which share of profile and question the small model has read, [0, 1]; null where it does not tell. */
  readonly readShare: number | null
  /** What the large model read; null until the end. */
  readonly views: WireAnswerViews | null
  /** From asking until the first text, be it a thought's; null before. */
  readonly firstTextMs: number | null
  /** From asking until the last change. */
  readonly elapsedMs: number
  /** The value of `x-costeer-steering`. */
  readonly steering: string
  /** Fields of the request that had no effect. */
  readonly ignored: readonly string[]
  readonly cutShort: boolean
  /** In the currency of the upstream's price; null until the end, and where it has none. */
  readonly cost: number | null
  readonly failure: string | null
}

export const emptyAnswer: Answer = {
  status: 'empty',
  reasoning: '',
  reasoningTokens: null,
  text: '',
  calls: [],
  traces: [],
  requests: [],
  readShare: null,
  views: null,
  firstTextMs: null,
  elapsedMs: 0,
  steering: 'off',
  ignored: [],
  cutShort: false,
  cost: null,
  failure: null,
}

export function isRunning({ status }: Answer): boolean {
  return status === 'waiting' || status === 'streaming'
}

/** Whether thoughts are all that has come so far, and more comes. */
export function isThinking(answer: Answer): boolean {
  const { reasoning, text, calls } = answer
  return isRunning(answer) && reasoning !== '' && text.trim() === '' && calls.length === 0
}

/** What an event changes of an answer. */
export function changeOf(
  event: AnswerPart,
  { reasoning, text, calls, firstTextMs }: Answer,
  elapsedMs: number,
): Partial<Answer> {
  const streaming = { status: 'streaming', firstTextMs: firstTextMs ?? elapsedMs } as const
  switch (event.type) {
    case 'answer-start':
      return { steering: event.steering, ignored: event.ignored }
    case 'reasoning-delta':
      return { ...streaming, reasoning: reasoning + event.text }
    case 'text-delta':
      return { ...streaming, text: text + event.text }
    case 'call-delta':
      return { ...streaming, calls: withCallDelta(calls, event) }
    case 'answer-end':
      return { cutShort: event.reason === 'length' }
    case 'tokens-counted':
      return { reasoningTokens: event.reasoning }
    default:
      return event satisfies never
  }
}

function withCallDelta(
  calls: readonly ToolCall[],
  { index, name, text }: Extract<AnswerPart, { type: 'call-delta' }>,
): readonly ToolCall[] {
  const before = calls[index] ?? { name: '', arguments: '' }
  const call = { name: before.name + name, arguments: before.arguments + text }
  return index < calls.length ? calls.with(index, call) : [...calls, call]
}
