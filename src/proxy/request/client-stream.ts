import type { FailureReport } from '../errors/failure-report.ts'
import { clientClosedRequest, isClientGone, ProxyError } from '../errors/proxy-error.ts'
import type { Timers } from '../timers.ts'
import type { RequestLifetime } from './request-lifetime.ts'
import type { RequestTracker } from './request-tracker.ts'

export interface StreamOptions {
  /** A sign of life goes out after this much silence; 0 sends none. */
  readonly keepAliveMs: number
  readonly timers: Timers
  readonly report: FailureReport
}

export interface ClientStreamOptions extends StreamOptions {
  /** What goes out. Where they throw, the connection is broken off. */
  readonly pieces: AsyncGenerator<string | Uint8Array, void>
  /** The sign of life, which clients skip. */
  readonly ping: string
  readonly status: number
  readonly lifetime: RequestLifetime
  readonly tracker: RequestTracker
  /** Called at the end, whichever way it comes, and maybe twice. */
  readonly onEnd: () => void
}

/** Room for a client that is suspended for a moment; beyond it the models are let go. */
const STALL_MS = 120_000

const encoder = new TextEncoder()

/**
 * A response body, made one piece at a time as the connection takes them; its end completes the request's
 * record.
 */
export function clientStream(options: ClientStreamOptions): ReadableStream<Uint8Array> {
  const { pieces, ping: sign, keepAliveMs, timers, status, lifetime, tracker, report, onEnd } = options
  tracker.finishesLater = true
  let stopTimer = () => {}
  let cancelled = false
  const finish = () => {
    stopTimer()
    onEnd()
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
        const ping = () => {
          // One that still waits to be read is enough.
          if (controller.desiredSize === 0) controller.enqueue(encoder.encode(sign))
          stopTimer = timers.after(keepAliveMs, ping)
        }
        if (keepAliveMs > 0) stopTimer = timers.after(keepAliveMs, ping)
        const { done, value } = await pieces.next().catch((error: unknown) => {
          finish()
          throw error
        })
        stopTimer()
        if (cancelled) return
        if (done === true) {
          finish()
          controller.close()
          return
        }
        controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
        stopTimer = timers.after(STALL_MS, onStall)
      },
      cancel() {
        cancelled = true
        lifetime.abort(clientClosedRequest())
        report(lifetime.signal.reason, tracker)
        finish()
        pieces.return().catch(() => {})
      },
    },
    // Nothing is computed before the connection asks for it.
    { highWaterMark: 0 },
  )
}
