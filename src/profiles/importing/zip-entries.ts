import { Unzip, type UnzipFile, UnzipInflate } from 'fflate'
import { GatewayError } from '../../gateway-error.ts'
import { dayOf } from './finding.ts'

/** A file inside a zip, to be read before the next one is asked for. */
export interface ZipEntry {
  readonly name: string
  /** When it was last changed, as a date; null where the zip does not say. */
  readonly modified: string | null
  readonly bytes: AsyncIterable<Uint8Array>
}

/** What is unpacked at once: a zip bomb makes a thousand times as much of it. */
const SLICE_BYTES = 16 * 1024
/** Of all files together. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024 * 1024

/** Of a record before a file, with the longest name and fields that programs write. */
const LONGEST_HEADER = 8 * 1024
const DATE_AT = 12
const NAME_AT = 30

/** The last record with the longest comment. */
const LONGEST_END = 22 + 65_535

type Part =
  | { readonly type: 'begin'; readonly name: string; readonly modified: string | null }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }

/**
 * The wanted files of a zip, as it comes. Rejects with `invalid_request` when it is broken, encrypted or
 * unpacks to more than 8 GiB.
 */
export async function* zipEntries(
  packed: AsyncIterable<Uint8Array>,
  options: { readonly name: string; readonly wants: (name: string) => boolean },
): AsyncGenerator<ZipEntry> {
  const parts = unpackedParts(packed, options)
  for (;;) {
    const next = await parts.next()
    if (next.done === true) return
    if (next.value.type !== 'begin') continue
    const entry = entryBytes(parts)
    const { name, modified } = next.value
    yield { name, modified, bytes: entry }
    // Whatever its reader left.
    for await (const _ of entry);
  }
}

async function* entryBytes(parts: AsyncGenerator<Part>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await parts.next()
    if (next.done === true || next.value.type === 'end') return
    if (next.value.type === 'bytes' && next.value.bytes.length > 0) yield next.value.bytes
  }
}

async function* unpackedParts(
  packed: AsyncIterable<Uint8Array>,
  { name, wants }: { readonly name: string; readonly wants: (name: string) => boolean },
): AsyncGenerator<Part> {
  const parts: Part[] = []
  const headers = new LocalHeaders()
  let open = 0
  let unpacked = 0
  let found = 0
  const take = (file: UnzipFile) => {
    found += 1
    if (!wants(file.name)) return
    open += 1
    parts.push({ type: 'begin', name: file.name, modified: headers.dateOf(file.name) })
    file.ondata = (error, bytes, isLast) => {
      if (error !== null) throw brokenZip(name)
      unpacked += bytes.length
      parts.push({ type: 'bytes', bytes })
      if (!isLast) return
      open -= 1
      parts.push({ type: 'end' })
    }
    file.start()
  }
  const unzip = new Unzip(take)
  unzip.register(UnzipInflate)
  const push = (bytes: Uint8Array, isLast: boolean) => {
    try {
      unzip.push(bytes, isLast)
    } catch {
      throw brokenZip(name)
    }
    if (unpacked > MAX_UNPACKED_BYTES) throw tooLarge(name)
    return parts.splice(0)
  }
  const ending = new ZipEnding()
  for await (const bytes of packed) {
    for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
      const slice = bytes.subarray(start, start + SLICE_BYTES)
      ending.see(slice)
      headers.see(slice)
      yield* push(slice, false)
    }
  }
  yield* push(new Uint8Array(), true)
  if (open > 0 || found === 0 || !ending.isThere) throw brokenZip(name)
}

/** The records before the files of a zip, whose dates fflate does not tell. */
class LocalHeaders {
  #seen = Buffer.alloc(0)

  see(bytes: Uint8Array): void {
    this.#seen = Buffer.concat([this.#seen.subarray(-LONGEST_HEADER), bytes])
  }

  /** Of the file whose record was seen last. The first day that a zip can hold is none. */
  dateOf(name: string): string | null {
    for (const encoding of ['utf8', 'latin1'] as const) {
      const at = this.#seen.lastIndexOf(Buffer.from(name, encoding)) - NAME_AT
      if (at < 0 || this.#seen.toString('latin1', at, at + 4) !== 'PK\x03\x04') continue
      const packed = this.#seen.readUInt16LE(at + DATE_AT)
      const [year, month, day] = [1980 + (packed >> 9), (packed >> 5) & 15, packed & 31]
      const date = [year, month, day].map((part) => String(part).padStart(2, '0')).join('-')
      return date === '1980-01-01' ? null : dayOf(date)
    }
    return null
  }
}

/** The record at the end of every zip, which one that is cut off lacks. */
class ZipEnding {
  #last = Buffer.alloc(0)
  #size = 0
  #foundAt: number | null = null

  get isThere(): boolean {
    return this.#foundAt !== null && this.#size - this.#foundAt <= LONGEST_END
  }

  see(bytes: Uint8Array): void {
    const seen = Buffer.concat([this.#last, bytes])
    const at = seen.lastIndexOf('PK\x05\x06')
    if (at >= 0) this.#foundAt = this.#size - this.#last.length + at
    this.#size += bytes.length
    this.#last = seen.subarray(Math.max(0, seen.length - 3))
  }
}

function brokenZip(name: string): GatewayError {
  const message = `${name} is no zip that can be read: broken, cut off or encrypted. Unpack it, and import the files.`
  return new GatewayError('invalid_request', message)
}

function tooLarge(name: string): GatewayError {
  const message = `${name} unpacks to more than ${MAX_UNPACKED_BYTES} bytes. Unpack it, and import what you need.`
  return new GatewayError('invalid_request', message)
}
