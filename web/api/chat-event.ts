import type { WireTrace } from '../../src/proxy/answers/trace/trace-schema.ts'

/** What becomes known of an answer while it comes. */
export type ChatEvent =
  /** `ignored` names the fields of the request that have no effect. */
  | { readonly type: 'answer-start'; readonly steering: string; readonly ignored: readonly string[] }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | { readonly type: 'text-delta'; readonly text: string }
  /** A part of the call at `index`: its name comes with the first. */
  | { readonly type: 'call-delta'; readonly index: number; readonly name: string; readonly text: string }
  | WireTrace
  | { readonly type: 'answer-end'; readonly reason: 'stop' | 'length' | 'tool_calls' }
  | { readonly type: 'tokens-counted'; readonly reasoning: number | null }

/** Of what the answer says, and not how it came about. */
export type AnswerPart = Exclude<ChatEvent, WireTrace>
