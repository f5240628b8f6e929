import type { Clock } from '../clock.ts'
import type { FailureReport } from '../errors/failure-report.ts'
import { clientClosedRequest, isClientGone, ProxyError, rootFailure } from '../errors/proxy-error.ts'
import { sseStream } from '../sse/sse-stream.ts'
import { answerFrames, type FrameShape } from './answer-frames.ts'
import type { RunningAnswer } from './running-answer.ts'

export interface StreamOptions {
  readonly keepAliveMs: number
  readonly clock: Clock
  readonly report: FailureReport
}

/** Room for a client that is suspended for a moment; beyond it the models are let go. */
export const STALL_MS = 120_000

/**
 * The body of a streamed answer. Resolves with its first event, so that an early failure still rejects and gets a real
 * status; when that takes longer than the keep-alive interval, the stream starts without it and a comment goes out.
 */
export async function streamedReply(
  answer: RunningAnswer,
  shape: FrameShape,
  { keepAliveMs, clock, report }: StreamOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { events, lifetime, tracker } = answer
  const onEnd = () => {
    events.close()
    lifetime.release()
  }
  const first = events.next()
  const beganInTime = await settledWithin(first, keepAliveMs, clock).catch((error: unknown) => {
    onEnd()
    throw error
  })

  const reportFailure = (error: unknown) => report(rootFailure(error, lifetime.signal), tracker)
  const finish = () => {
    onEnd()
    tracker.finish(isClientGone(lifetime.signal) ? 499 : 200)
  }
  tracker.finishesLater = true
  const frames = answerFrames({
    shape,
    answer,
    first,
    beganInTime,
    report: (error) => reportFailure(error).body,
    onEnd: finish,
  })
  const onCancel = () => {
    lifetime.abort(clientClosedRequest())
    reportFailure(lifetime.signal.reason)
    finish()
  }
  const onStall = () => {
    const message = `The client did not read its answer for ${STALL_MS / 1000} seconds.`
    lifetime.abort(new ProxyError('request_timeout', message))
  }
  return sseStream({ frames, keepAliveMs, stallMs: STALL_MS, clock, onCancel, onStall })
}

/** Whether `promise` settled before the delay was over; a delay of 0 waits for it. */
async function settledWithin(promise: Promise<unknown>, delayMs: number, clock: Clock): Promise<boolean> {
  const settled = promise.then(() => true)
  if (delayMs === 0) return settled
  let cancel = () => {}
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(delayMs, () => resolve(false))
  })
  return Promise.race([settled, late]).finally(cancel)
}
