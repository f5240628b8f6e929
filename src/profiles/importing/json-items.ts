import { decodeUtf8 } from '../../read-yaml.ts'

/** An item of a JSON file; what is not valid JSON, or too large, has no value. */
export type JsonItem =
  | { readonly type: 'item'; readonly value: unknown }
  | { readonly type: 'broken'; readonly reason: 'not-json' | 'too-large' | 'cut-off' }

/** A conversation of a million words takes some 10 MB. */
const MAX_ITEM_BYTES = 64 * 1024 * 1024

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const opening = new Set([0x5b, 0x7b])
const closing = new Set([0x5d, 0x7d])
const spaces = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The items of a JSON array, each parsed when its last byte has come, so that a file may be larger than the
 * memory. A broken item does not hide those behind it. Any other JSON is one item.
 */
export async function* jsonItems(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JsonItem> {
  const item = new ItemBytes()
  let isArray: boolean | null = null
  let depth = 0
  let isText = false
  let isEscaped = false
  for await (const chunk of bytes) {
    let start = 0
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) isText = false
        continue
      }
      if (isArray === null) {
        if (spaces.has(byte) || byte > 0x7f) continue
        isArray = byte === 0x5b
        start = isArray ? index + 1 : index
        if (isArray) continue
      }
      if (byte === QUOTE) isText = true
      else if (opening.has(byte)) depth += 1
      else if (closing.has(byte)) depth -= 1
      const ends = isArray && (depth < 0 || (depth === 0 && byte === COMMA))
      if (!ends) continue
      item.add(chunk.subarray(start, index))
      yield* item.end()
      start = index + 1
      if (depth < 0) return
    }
    if (isArray !== null) item.add(chunk.subarray(start))
  }
  if (isArray === true) yield { type: 'broken', reason: 'cut-off' }
  else yield* item.end()
}

class ItemBytes {
  #parts: Uint8Array[] = []
  #size = 0

  add(bytes: Uint8Array): void {
    this.#size += bytes.length
    if (this.#size > MAX_ITEM_BYTES) this.#parts = []
    // The reader may use its buffer again.
    else if (bytes.length > 0) this.#parts.push(bytes.slice())
  }

  *end(): Generator<JsonItem> {
    const isTooLarge = this.#size > MAX_ITEM_BYTES
    const source = decodeUtf8(Buffer.concat(this.#parts))
    this.#parts = []
    this.#size = 0
    if (isTooLarge) yield { type: 'broken', reason: 'too-large' }
    else if (source === null) yield { type: 'broken', reason: 'not-json' }
    else if (source.trim() !== '') yield parsedItem(source)
  }
}

function parsedItem(source: string): JsonItem {
  try {
    return { type: 'item', value: JSON.parse(source) }
  } catch {
    return { type: 'broken', reason: 'not-json' }
  }
}
