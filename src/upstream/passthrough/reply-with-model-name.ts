import { GatewayError } from '../../gateway-error.ts'
import { incomingJson, isEventStream, isJson } from './passed-body.ts'

/** Far above any line or reply that a server sends; what is longer is no answer to a chat. */
const MAX_HELD_BYTES = 256 * 2 ** 20

const DATA_LINE = /^data: ?/

/**
 * A server's reply with the client's own model name in it (null leaves the server's), and every other byte as
 * it came. An event is held back until it is complete, and lost when the reply breaks before; a JSON reply
 * comes in one piece; replies of other kinds name no model.
 */
export function replyWithModelName(
  chunks: AsyncIterable<Uint8Array>,
  { contentType, model, where }: { contentType: string; model: string | null; where: string },
): AsyncIterable<Uint8Array> {
  if (isJson(contentType)) return jsonWithModelName(chunks, model, where)
  if (!isEventStream(contentType)) return chunks
  const events = wholeEvents(chunks, where)
  return model === null ? events : eventsWithModelName(events, model)
}

async function* eventsWithModelName(
  events: AsyncIterable<Buffer>,
  model: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const lines of events) yield linesWithModelName(lines, model)
}

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The bytes of a stream in pieces that end with an event (or a comment) and a blank line. */
async function* wholeEvents(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    const earlier = heldBytes
    held.push(chunk)
    heldBytes = checkedLength(heldBytes + chunk.length, where)
    if (!chunk.includes(NEWLINE) && !chunk.includes(CARRIAGE_RETURN)) continue
    const bytes = Buffer.concat(held)
    const end = blankLineEnd(bytes, Math.max(0, earlier - 2))
    held = [bytes.subarray(end)]
    heldBytes = bytes.length - end
    if (end > 0) yield bytes.subarray(0, end)
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

/** One past the last blank line that ends behind `from`; 0 when there is none. */
function blankLineEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.length - 1; at > from; at--) {
    if (!isLineEnd(bytes[at])) continue
    const start = bytes[at] === NEWLINE && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at
    if (isLineEnd(bytes[start - 1])) return at + 1
  }
  return 0
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === NEWLINE || byte === CARRIAGE_RETURN
}

function linesWithModelName(lines: Buffer, model: string): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < lines.length; ) {
    const newline = lines.indexOf(NEWLINE, start)
    const end = newline === -1 ? lines.length : newline + 1
    const line = lines.subarray(start, end)
    const prefix = line.toString('latin1', 0, 6).match(DATA_LINE)?.[0].length ?? 0
    if (prefix === 0) pieces.push(line)
    else pieces.push(line.subarray(0, prefix), incomingJson(line.subarray(prefix), model))
    start = end
  }
  return Buffer.concat(pieces)
}

async function* jsonWithModelName(
  chunks: AsyncIterable<Uint8Array>,
  model: string | null,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    heldBytes = checkedLength(heldBytes + chunk.length, where)
  }
  const json = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)
  yield model === null ? json : incomingJson(json, model)
}

function checkedLength(bytes: number, where: string): number {
  if (bytes <= MAX_HELD_BYTES) return bytes
  throw new GatewayError(
    'upstream_invalid_reply',
    `${where} sent a reply of more than ${MAX_HELD_BYTES} bytes.`,
  )
}
