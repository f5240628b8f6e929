/** Text stands at a message's beginning; what attachments add beyond this is not read. */
const MAX_MESSAGE_BYTES = 512 * 1024
/** The line between messages: `From`, a sender, and a date in which a time stands. */
const SEPARATOR = /^From \S+ .{0,80}\d{1,2}:\d{2}/
const BEFORE_SEPARATOR = '\nFrom '
const LONGEST_SEPARATOR = 512
/** How an mbox writes a line of a message that begins with `From`. */
const ESCAPED_FROM = /^>(>*From )/gm

/** Whether a file begins as an mbox does. */
export function beginsAsMbox(head: Uint8Array): boolean {
  return SEPARATOR.test(Buffer.from(head.subarray(0, LONGEST_SEPARATOR)).toString('latin1'))
}

/** The messages of an mbox, one at a time, each without its separator, and cut where it is very long. */
export async function* mboxMessages(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const message = new MessageBytes()
  // The first separator begins a line, too, and the last line may lack its end.
  let rest: Uint8Array = Buffer.from('\n')
  for await (const chunk of followedBy(bytes, Buffer.from('\n'))) {
    const buffer = Buffer.concat([rest, chunk])
    let start = 0
    let candidate = buffer.indexOf(BEFORE_SEPARATOR)
    while (candidate >= 0) {
      const line = buffer.subarray(candidate + 1, candidate + 1 + LONGEST_SEPARATOR)
      const length = line.indexOf('\n')
      // The rest of the line comes with the next bytes.
      if (length < 0 && line.length < LONGEST_SEPARATOR) break
      if (length >= 0 && SEPARATOR.test(line.toString('latin1', 0, length))) {
        message.add(buffer.subarray(start, candidate + 1))
        yield* message.end()
        start = candidate + 1 + length + 1
      }
      candidate = buffer.indexOf(BEFORE_SEPARATOR, candidate + 1)
    }
    const settled = candidate >= 0 ? candidate : buffer.length - BEFORE_SEPARATOR.length
    const end = Math.max(start, settled)
    message.add(buffer.subarray(start, end))
    rest = Buffer.from(buffer.subarray(end))
  }
  message.add(rest)
  yield* message.end()
}

async function* followedBy(bytes: AsyncIterable<Uint8Array>, last: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* bytes
  yield last
}

class MessageBytes {
  #parts: Uint8Array[] = []
  #size = 0

  add(bytes: Uint8Array): void {
    const room = MAX_MESSAGE_BYTES - this.#size
    if (room <= 0 || bytes.length === 0) return
    // The buffer is used again.
    this.#parts.push(bytes.slice(0, room))
    this.#size += Math.min(room, bytes.length)
  }

  /** What was added, and begins anew. */
  *end(): Generator<Uint8Array> {
    const message = Buffer.concat(this.#parts)
    this.#parts = []
    this.#size = 0
    if (message.every((byte) => byte === 0x0a || byte === 0x0d)) return
    yield message.includes('>From ') ? withoutEscapes(message) : message
  }
}

function withoutEscapes(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace(ESCAPED_FROM, '$1'), 'latin1')
}
