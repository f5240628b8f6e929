import type { TokenReport } from '../../../gateway/answer.ts'
import type { AnswerIdentity } from '../wire/answer-identity.ts'
import { choiceLogprobs } from '../wire/token-logprobs.ts'
import type { WireTrace } from '../wire/trace-schema.ts'
import type { Usage } from '../wire/usage-schema.ts'
import type { ChatCompletionChunk, ChunkChoice } from './chat-response-schema.ts'

export interface ChunkBuilder {
  /** The first chunk of a choice. */
  role(choice: number): ChatCompletionChunk
  text(choice: number, text: string, tokens: readonly TokenReport[]): ChatCompletionChunk
  /** The last chunk of a choice. */
  finish(choice: number, reason: 'stop' | 'length'): ChatCompletionChunk
  /** The chunk after the last choice, when the client asked for it. */
  usage(usage: Usage): ChatCompletionChunk
  /** A chunk beside the choices, for clients that asked for a trace. */
  trace(trace: WireTrace): ChatCompletionChunk & { readonly costeer: WireTrace }
}

export interface ChunkOptions {
  readonly identity: AnswerIdentity
  readonly withLogprobs: boolean
  /** Puts `usage: null` on every chunk but the usage chunk, as OpenAI does. */
  readonly withUsage: boolean
}

/** Builds the chunks of one answer: same identity, every key always present. */
export function chunkBuilder({ identity, withLogprobs, withUsage }: ChunkOptions): ChunkBuilder {
  const chunk = (choices: ChunkChoice[], usage: Usage | null): ChatCompletionChunk => ({
    id: identity.id,
    object: 'chat.completion.chunk',
    created: identity.created,
    model: identity.model,
    system_fingerprint: identity.system_fingerprint,
    choices,
    ...(withUsage ? { usage } : {}),
  })
  const choice = (
    index: number,
    delta: ChunkChoice['delta'],
    reason: ChunkChoice['finish_reason'],
    logprobs: ChunkChoice['logprobs'] = null,
  ) => chunk([{ index, delta, logprobs, finish_reason: reason }], null)
  return {
    role: (index) => choice(index, { role: 'assistant', content: '' }, null),
    text: (index, text, tokens) =>
      choice(index, { content: text }, null, withLogprobs ? choiceLogprobs(tokens) : null),
    finish: (index, reason) => choice(index, {}, reason),
    usage: (usage) => chunk([], usage),
    trace: (trace) => ({ ...chunk([], null), costeer: trace }),
  }
}
