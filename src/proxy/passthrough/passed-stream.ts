import { STALL_MS, type StreamOptions } from '../answers/streamed-reply.ts'
import { clientClosedRequest, isClientGone, ProxyError, rootFailure } from '../errors/proxy-error.ts'
import type { RequestSignal } from '../request/request-signal.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import { dataFrame } from '../sse/sse-frame.ts'

export interface PassedStreamOptions extends Pick<StreamOptions, 'clock' | 'report'> {
  readonly status: number
  /** Whether a failure on the way can be told as an event; otherwise it breaks the connection off. */
  readonly isEventStream: boolean
  readonly lifetime: RequestSignal
  readonly tracker: RequestTracker
}

/** A server's bytes as they come, read from it no faster than the client reads. */
export function passedStream(
  bytes: AsyncIterable<Uint8Array>,
  { status, isEventStream, lifetime, tracker, clock, report }: PassedStreamOptions,
): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  let stopTimer = () => {}
  const finish = () => {
    stopTimer()
    lifetime.release()
    tracker.finish(isClientGone(lifetime.signal) ? 499 : status)
  }
  const onStall = () => {
    const message = `The client did not read its answer for ${STALL_MS / 1000} seconds.`
    lifetime.abort(new ProxyError('request_timeout', message))
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stopTimer()
        try {
          const { done, value } = await iterator.next()
          if (done === true) {
            finish()
            controller.close()
            return
          }
          controller.enqueue(value)
          stopTimer = clock.after(STALL_MS, onStall)
        } catch (error) {
          const failure = rootFailure(error, lifetime.signal)
          const { body } = report(failure, tracker)
          finish()
          if (!isEventStream) throw failure
          controller.enqueue(new TextEncoder().encode(`\n\n${dataFrame(body)}`))
          controller.close()
        }
      },
      cancel() {
        lifetime.abort(clientClosedRequest())
        report(lifetime.signal.reason, tracker)
        finish()
        iterator.return?.().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}
