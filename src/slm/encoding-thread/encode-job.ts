import { GatewayError, type GatewayErrorCode } from '../../gateway-error.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { EncodeChatOptions, EncodeOptions, Tokenizer } from '../text/tokenizer.ts'

/** A call of one of `Tokenizer`'s methods. */
export type EncodeJob =
  | { readonly type: 'encode' | 'encodePrompt'; readonly text: string; readonly options: EncodeOptions }
  | {
      readonly type: 'encodeChat'
      readonly messages: readonly ChatMessage[]
      readonly options: EncodeChatOptions
    }

/** What a thread's message says of a job: its tokens, or why there are none. No error's class can pass. */
export type JobResult =
  | { readonly tokens: Int32Array<ArrayBuffer> }
  | { readonly code: GatewayErrorCode; readonly message: string; readonly param: string | null }
  | { readonly unexpected: string }

/** The ids of a job's tokens. Throws as the tokenizer does. */
export function runJob(job: EncodeJob, tokenizer: Tokenizer): readonly number[] {
  return job.type === 'encodeChat'
    ? tokenizer.encodeChat(job.messages, job.options)
    : tokenizer[job.type](job.text, job.options)
}

/** UTF-16 units of text; each message counts for as many more as can be encoded while it is rendered. */
export function jobSize(job: EncodeJob): number {
  if (job.type !== 'encodeChat') return job.text.length
  const { tools = [] } = job.options
  const offered = tools.length === 0 ? 0 : JSON.stringify(tools).length
  return job.messages.reduce((sum, message) => sum + messageSize(message), offered)
}

const MESSAGE_SIZE = 200

function messageSize({ content, tool_calls: calls = [] }: ChatMessage): number {
  return calls.reduce((sum, call) => sum + call.function.arguments.length, content.length + MESSAGE_SIZE)
}

/** A failure in a form that crosses threads, without the words of an unexpected one. */
export function failedJob(error: unknown): JobResult {
  if (error instanceof GatewayError) {
    const { code, message, param } = error
    return { code, message, param }
  }
  return { unexpected: error instanceof Error ? error.name : typeof error }
}

/** Throws what the job failed with. */
export function tokensOf(result: JobResult): Int32Array<ArrayBuffer> {
  if ('tokens' in result) return result.tokens
  if ('unexpected' in result) throw new Error(`encoding failed: ${result.unexpected}`)
  const { code, message, param } = result
  throw new GatewayError(code, message, param === null ? {} : { param })
}
