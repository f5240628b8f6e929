import type { Clock } from './clock.ts'
import { PING_FRAME } from './sse-frame.ts'

export interface SseStreamOptions {
  /** Whole frames. It reports its own failures as frames and never throws. */
  readonly frames: AsyncGenerator<string, void>
  /** A comment goes out after this much silence; 0 sends none. */
  readonly keepAliveMs: number
  readonly clock: Clock
  /** Called when the reader goes away. */
  readonly onCancel: () => void
}

const encoder = new TextEncoder()

/** A response body of server-sent events, pulled one frame at a time as the connection takes them. */
export function sseStream({
  frames,
  keepAliveMs,
  clock,
  onCancel,
}: SseStreamOptions): ReadableStream<Uint8Array> {
  let stopTimer = () => {}
  let cancelled = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const ping = () => {
          // A comment that still waits to be read is enough.
          if (controller.desiredSize === 0) controller.enqueue(encoder.encode(PING_FRAME))
          stopTimer = clock.after(keepAliveMs, ping)
        }
        if (keepAliveMs > 0) stopTimer = clock.after(keepAliveMs, ping)
        try {
          const { done, value } = await frames.next()
          if (cancelled) return
          if (done === true) controller.close()
          else controller.enqueue(encoder.encode(value))
        } finally {
          stopTimer()
        }
      },
      cancel() {
        cancelled = true
        stopTimer()
        onCancel()
        frames.return().catch(() => {})
      },
    },
    // Nothing is computed before the connection asks for it.
    { highWaterMark: 0 },
  )
}
