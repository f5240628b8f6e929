import { GatewayError } from '../../gateway-error.ts'

/** Strings, objects and arrays: what reading and checking a body takes its time for. */
const MOST_VALUES = 65_536
/** Of arrays, most of them numbers: a prompt of token ids is long. */
const MOST_ITEMS = 524_288
const MOST_MEMBERS = 4_096
const MOST_DEPTH = 256

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * Refuses JSON whose many small parts would hold up all other requests while it is read. Takes some
 * milliseconds for each megabyte. Throws `invalid_request`.
 */
export function checkBodyShape(json: string): void {
  let values = 0
  let items = 0
  let depth = 0
  /** Of the objects that are open, outermost first. */
  const members: number[] = [0]
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        values++
        at = stringEnd(json, at)
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        values++
        members[++depth] = 0
        if (depth > MOST_DEPTH) throw refusal(`is nested more than ${MOST_DEPTH} levels deep`)
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth = Math.max(0, depth - 1)
        break
      case COMMA:
        items++
        break
      case COLON:
        members[depth] = (members[depth] ?? 0) + 1
        if ((members[depth] ?? 0) > MOST_MEMBERS) {
          throw refusal(`has an object of more than ${MOST_MEMBERS} fields`)
        }
    }
    if (items > MOST_ITEMS) throw refusal(`lists more than ${MOST_ITEMS} things`)
    if (values > MOST_VALUES) {
      throw refusal(`holds more than ${MOST_VALUES} strings, objects and arrays`)
    }
  }
}

/** Where the string that begins at `quote` ends. */
function stringEnd(json: string, quote: number): number {
  for (let end = json.indexOf('"', quote + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end
    while (json.charCodeAt(before - 1) === BACKSLASH) before--
    if ((end - before) % 2 === 0) return end
  }
  return json.length
}

function refusal(what: string): GatewayError {
  return new GatewayError('invalid_request', `The request body ${what}. Send less at once.`)
}
