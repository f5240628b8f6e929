import type { Clock } from '../clock.ts'
import { PING_FRAME } from './sse-frame.ts'

export interface SseStreamOptions {
  /** Whole frames. It reports its own failures as frames and never throws. */
  readonly frames: AsyncGenerator<string, void>
  /** A comment goes out after this much silence; 0 sends none. */
  readonly keepAliveMs: number
  /** How long a frame may wait to be read before `onStall`. */
  readonly stallMs: number
  readonly clock: Clock
  /** Called when the reader goes away. */
  readonly onCancel: () => void
  /** Called when the reader is there and does not read. */
  readonly onStall: () => void
}

const encoder = new TextEncoder()

/** A response body of server-sent events, pulled one frame at a time as the connection takes them. */
export function sseStream(options: SseStreamOptions): ReadableStream<Uint8Array> {
  const { frames, keepAliveMs, stallMs, clock, onCancel, onStall } = options
  let stopTimer = () => {}
  let cancelled = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stopTimer()
        const ping = () => {
          // A comment that still waits to be read is enough.
          if (controller.desiredSize === 0) controller.enqueue(encoder.encode(PING_FRAME))
          stopTimer = clock.after(keepAliveMs, ping)
        }
        if (keepAliveMs > 0) stopTimer = clock.after(keepAliveMs, ping)
        const { done, value } = await frames.next()
        stopTimer()
        if (cancelled) return
        if (done === true) {
          controller.close()
          return
        }
        controller.enqueue(encoder.encode(value))
        stopTimer = clock.after(stallMs, onStall)
      },
      cancel() {
        stopTimer()
        cancelled = true
        onCancel()
        frames.return().catch(() => {})
      },
    },
    // Nothing is computed before the connection asks for it.
    { highWaterMark: 0 },
  )
}
