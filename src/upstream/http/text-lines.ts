import { GatewayError } from '../../gateway-error.ts'

/**
 * The lines of a byte stream that may be cut anywhere, in order, without empty ones. Throws GatewayError
 * `upstream_invalid_reply` when one line grows beyond `maxEventCharacters`.
 */
export async function* textLines(
  bytes: AsyncIterable<Uint8Array>,
  { where, maxEventCharacters }: { readonly where: string; readonly maxEventCharacters: number },
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const chunk of bytes) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    yield* lines.filter((line) => line.trim() !== '')
    if (held.length > maxEventCharacters) {
      const message = `${where} sent a line of more than ${maxEventCharacters} characters. Ask for fewer candidates.`
      throw new GatewayError('upstream_invalid_reply', message)
    }
  }
  const last = held + decoder.decode()
  if (last.trim() !== '') yield last
}
