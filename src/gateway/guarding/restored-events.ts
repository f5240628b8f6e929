import type { Guard } from '../../guard/guard.ts'
import type { RewrittenText } from '../../guard/matching/rewritten-text.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import { restoredStrings } from './masked-strings.ts'

/** Texts of which an event holds a piece. */
const piecewise = new Set([
  'arguments',
  'content',
  'delta',
  'partial_json',
  'reasoning',
  'reasoning_content',
  'refusal',
  'text',
  'thinking',
])
const jsonTexts = new Set(['arguments', 'partial_json'])
/** Events of which `delta` is a piece of JSON, as in `response.function_call_arguments.delta`. */
const JSON_DELTA = /_arguments\.delta$/

/** A whole one, or the end of a stream that breaks off in one. */
const EVENT = /(?:[^\r\n]+(?:\r\n|\r|\n))+(?:\r\n|\r|\n)|[^\r\n]+$/g

/** What an event says of where its pieces belong. */
const places = ['index', 'output_index', 'content_index', 'item_id', 'summary_index']

type JsonValue = unknown
type JsonObject = Record<string, JsonValue>

interface TextStream {
  readonly text: RewrittenText
  /** Makes the event that tells a piece of it. */
  event: (piece: string) => string
}

/**
 * A server's events with real values in place of aliases, also of those that are told in pieces: a piece is
 * held back for as long as it may be the beginning of an alias, and told in an event of its own where its
 * text ends.
 */
export class RestoredEvents {
  readonly #guard: Guard
  readonly #streams = new Map<string, TextStream>()

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** `events` are whole. */
  *pushing(events: string): SlicedWork<string> {
    let told = ''
    let from = 0
    for (const { index, 0: event } of events.matchAll(EVENT)) {
      yield
      told += events.slice(from, index) + (yield* this.#event(event))
      from = index + event.length
    }
    return told + events.slice(from)
  }

  flush(): string {
    return this.#flushAll(() => true)
  }

  *#event(event: string): SlicedWork<string> {
    const [line, head, data] = /^(data: ?)(.*)$/m.exec(event) ?? []
    if (line === undefined || head === undefined || data === undefined) return event
    const content = parsed(data)
    // Such as [DONE], or the end of everything
    if (content === null) return this.flush() + event
    const written = (value: JsonValue) => event.replace(line, () => head + JSON.stringify(value))
    const seen = new Set<string>()
    const restored = isPiece(content)
      ? yield* this.#pieces(content, { path: '', seen, whole: content, written })
      : yield* restoredStrings(content, this.#guard)
    const before = this.#flushAll((key) => !seen.has(key) && (seen.size === 0 || !isElsewhere(key, seen)))
    return before + written(restored)
  }

  *#pieces(value: JsonValue, at: PieceContext): SlicedWork<JsonValue> {
    if (Array.isArray(value)) {
      const items: JsonValue[] = []
      for (const one of value) items.push(yield* this.#pieces(one, { ...at, path: `${at.path}[]` }))
      return items
    }
    if (typeof value !== 'object' || value === null) return value
    const object = value as JsonObject
    const place = places
      .flatMap((name) => (name in object ? [`${name}=${String(object[name])}`] : []))
      .join(',')
    const path = `${at.path}{${place}}`
    const entries: [string, JsonValue][] = []
    for (const [name, one] of Object.entries(object)) {
      const own = `${path}.${name}`
      if (typeof one !== 'string') {
        entries.push([name, yield* this.#pieces(one, { ...at, path: own })])
        continue
      }
      if (!piecewise.has(name)) {
        entries.push([name, name === 'name' ? yield* this.#guard.restoring(one) : one])
        continue
      }
      at.seen.add(own)
      const isJson = jsonTexts.has(name) || (name === 'delta' && JSON_DELTA.test(String(object.type)))
      const stream = this.#streamOf(own, isJson)
      const told = yield* stream.text.pushing(one)
      stream.event = (piece) => at.written(withPiece(at.whole, piece, { object, name }))
      entries.push([name, told])
    }
    return Object.fromEntries(entries)
  }

  #streamOf(key: string, isJson: boolean): TextStream {
    const known = this.#streams.get(key)
    if (known !== undefined) return known
    const text = isJson ? this.#guard.restoredJson() : this.#guard.restored()
    const stream = { text, event: () => '' }
    this.#streams.set(key, stream)
    return stream
  }

  #flushAll(isDue: (key: string) => boolean): string {
    let told = ''
    for (const [key, { text, event }] of this.#streams) {
      if (!isDue(key)) continue
      const rest = text.flush()
      if (rest !== '') told += event(rest)
      this.#streams.delete(key)
    }
    return told
  }
}

interface PieceContext {
  readonly path: string
  readonly seen: Set<string>
  readonly whole: JsonValue
  readonly written: (value: JsonValue) => string
}

/** Whether an event tells pieces of texts rather than whole ones. */
function isPiece(content: object): boolean {
  const { type, choices, object } = content as JsonObject
  if (typeof type === 'string') return /(?:\.delta|_delta)$/.test(type)
  return Array.isArray(choices) && !(object === 'chat.completion')
}

/** Whether a text belongs to another choice or item than all of those that an event holds. */
function isElsewhere(key: string, seen: ReadonlySet<string>): boolean {
  const placeOf = (path: string) => /\{[^{}]*=[^{}]*\}/.exec(path)?.[0] ?? ''
  return [...seen].every((other) => placeOf(other) !== placeOf(key))
}

/** The event with another piece, and without whatever else it told. */
function withPiece(
  whole: JsonValue,
  piece: string,
  { object, name }: { readonly object: JsonObject; readonly name: string },
): JsonValue {
  const copy = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        if (value === object && key === name) return [key, piece]
        if (key === 'finish_reason' || key === 'usage') return [key, null]
        return [key, piecewise.has(key) && typeof one === 'string' ? '' : copy(one)]
      }),
    )
  }
  return copy(whole)
}

function parsed(data: string): object | null {
  try {
    const content: unknown = JSON.parse(data)
    return typeof content === 'object' && content !== null ? content : null
  } catch {
    return null
  }
}
