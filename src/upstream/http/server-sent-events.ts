import { createParser } from 'eventsource-parser'
import { GatewayError } from '../../gateway-error.ts'

/**
 * The `data` of each server-sent event in a byte stream that may be cut anywhere, in order. Comments are
 * dropped. Throws GatewayError `upstream_invalid_reply` when one event grows beyond `maxEventCharacters`.
 */
export async function* serverSentEvents(
  bytes: AsyncIterable<Uint8Array>,
  { where, maxEventCharacters }: { readonly where: string; readonly maxEventCharacters: number },
): AsyncGenerator<string, void, undefined> {
  const ready: string[] = []
  let overflow = false
  const parser = createParser({
    maxBufferSize: maxEventCharacters,
    onEvent: (event) => ready.push(event.data),
    onError: (error) => {
      overflow ||= error.type === 'max-buffer-size-exceeded'
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of bytes) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* ready
    ready.length = 0
    if (overflow) {
      throw new GatewayError(
        'upstream_invalid_reply',
        `${where} sent an event of more than ${maxEventCharacters} characters. Ask for fewer candidates.`,
      )
    }
  }
}
