import { GatewayError } from '../../gateway-error.ts'
import { incomingJson, isJson } from './passed-body.ts'

/** Far above any line or reply that a server sends; what is longer is no answer to a chat. */
const MAX_HELD_BYTES = 256 * 2 ** 20

const DATA_LINE = /^data: ?/

/**
 * A server's reply with the client's own model name in it (null leaves the server's), and every other byte as
 * it came. Events are held back until their line is complete; a JSON reply comes in one piece; replies of
 * other kinds name no model.
 */
export function replyWithModelName(
  chunks: AsyncIterable<Uint8Array>,
  { contentType, model, where }: { contentType: string; model: string | null; where: string },
): AsyncIterable<Uint8Array> {
  if (isJson(contentType)) return jsonWithModelName(chunks, model, where)
  if (model === null || !/^text\/event-stream\b/i.test(contentType)) return chunks
  return eventsWithModelName(chunks, model, where)
}

async function* eventsWithModelName(
  chunks: AsyncIterable<Uint8Array>,
  model: string,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    held.push(chunk)
    heldBytes = checkedLength(heldBytes + chunk.length, where)
    if (end === 0) continue
    const lines = Buffer.concat(held)
    const complete = lines.length - (chunk.length - end)
    yield linesWithModelName(lines.subarray(0, complete), model)
    held = complete < lines.length ? [lines.subarray(complete)] : []
    heldBytes = lines.length - complete
  }
  if (heldBytes > 0) yield linesWithModelName(Buffer.concat(held), model)
}

const NEWLINE = 0x0a

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
