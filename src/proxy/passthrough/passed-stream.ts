import { rootFailure } from '../errors/proxy-error.ts'
import { type ClientStreamOptions, clientStream } from '../request/client-stream.ts'
import { dataFrame } from '../sse/sse-frame.ts'

export interface PassedStreamOptions extends Omit<ClientStreamOptions, 'pieces' | 'onEnd'> {
  /** Whether a failure on the way can be told as an event; otherwise it breaks the connection off. */
  readonly isEventStream: boolean
}

/** A server's bytes as they come, read from it no faster than the client reads. */
export function passedStream(
  bytes: AsyncIterable<Uint8Array>,
  options: PassedStreamOptions,
): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  return clientStream({
    ...options,
    // The server's own comments and silences are the client's business.
    keepAliveMs: 0,
    pieces: passedPieces(iterator, options),
    onEnd: () => void iterator.return?.().catch(() => {}),
  })
}

async function* passedPieces(
  iterator: AsyncIterator<Uint8Array>,
  { isEventStream, lifetime, tracker, report }: PassedStreamOptions,
): AsyncGenerator<string | Uint8Array, void> {
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } catch (error) {
    const failure = rootFailure(error, lifetime.signal)
    const { body } = report(failure, tracker)
    if (!isEventStream) throw failure
    yield `\n\n${dataFrame(body)}`
  }
}
