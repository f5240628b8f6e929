import { completeReply } from './complete-reply.ts'
import { refusalOf } from './invalid-request.ts'
import type { ChatCompletion } from './openai/chat-response-schema.ts'
import { rootFailure } from './proxy-error.ts'
import { requestSignal } from './request-signal.ts'
import { type ChatCall, type StartOptions, startAnswer } from './running-answer.ts'
import { SSE_HEADERS } from './sse-frame.ts'
import { steeringHeader } from './steering-header.ts'
import { type StreamOptions, streamedReply } from './streamed-reply.ts'
import { unsteerable } from './unsteerable-request.ts'

/** A complete answer or the stream of one, with the headers that go with it. */
export type ChatReply = { readonly headers: Readonly<Record<string, string>> } & (
  | { readonly type: 'complete'; readonly completion: ChatCompletion }
  | { readonly type: 'stream'; readonly stream: ReadableStream<Uint8Array> }
)

/** Answers chat requests. Rejects with the error to report; once a stream has begun, errors are frames of it. */
export function chatHandler(options: StartOptions & StreamOptions): (call: ChatCall) => Promise<ChatReply> {
  return async (call) => {
    const obstacle = unsteerable(call.body)
    if (obstacle !== null) throw refusalOf(obstacle)
    const lifetime = requestSignal(call.c)
    try {
      const answer = await startAnswer(call, lifetime, options)
      const steering = { 'x-costeer-steering': steeringHeader(answer.prepared.steering) }
      if (call.body.stream !== true) {
        return { type: 'complete', completion: await completeReply(answer), headers: steering }
      }
      const stream = await streamedReply(answer, options)
      return { type: 'stream', stream, headers: { ...SSE_HEADERS, ...steering } }
    } catch (error) {
      lifetime.release()
      throw rootFailure(error, lifetime.signal)
    }
  }
}
