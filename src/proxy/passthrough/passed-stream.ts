import { rootFailure } from '../errors/proxy-error.ts'
import { type ClientStreamOptions, clientStream } from '../request/client-stream.ts'
import { PING_FRAME } from '../sse/sse-frame.ts'
import type { BrokenStream } from './broken-stream.ts'

export interface PassedStreamOptions extends Omit<ClientStreamOptions, 'pieces' | 'ping' | 'onEnd'> {
  /**
   * Tells a failure on the way as an event; null for what is no stream of events, whose connection it breaks
   * off.
   */
  readonly broken: BrokenStream | null
}

/**
 * A server's bytes as they come, read from it no faster than the client reads. Comments fill the silences
 * between its events.
 */
export function passedStream(
  bytes: AsyncIterable<Uint8Array>,
  options: PassedStreamOptions,
): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  return clientStream({
    ...options,
    keepAliveMs: options.broken === null ? 0 : options.keepAliveMs,
    pieces: passedPieces(iterator, options),
    ping: PING_FRAME,
    onEnd: () => void iterator.return?.().catch(() => {}),
  })
}

async function* passedPieces(
  iterator: AsyncIterator<Uint8Array>,
  { broken, lifetime, tracker, report }: PassedStreamOptions,
): AsyncGenerator<string | Uint8Array, void> {
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      broken?.saw(next.value)
      yield next.value
    }
  } catch (error) {
    const failure = rootFailure(error, lifetime.signal)
    const { body } = report(failure, tracker)
    if (broken === null) throw failure
    yield broken.failure(body)
  }
}
