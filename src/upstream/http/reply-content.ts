import { createParser } from 'eventsource-parser'

const MAX_EVENT_CHARACTERS = 2 ** 20

/** What servers say of a stream before it holds anything of an answer. */
const beginnings = new Set([
  'ping',
  'message_start',
  'content_block_start',
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
])

/** Members of a chunk that say who answers, or that nothing has been said yet. */
const names = new Set(['role', 'index', 'id', 'object', 'created', 'model', 'type'])

/**
 * Whether an event of a stream, its data parsed, says anything of an answer: text, tokens, a call, an end or
 * an error. Beginnings, empty chunks and progress say that the server still reads the prompt. Of an unknown
 * form every event counts.
 */
export function hasContent(event: unknown): boolean {
  if (!isObject(event)) return event !== null && event !== ''
  if (isObject(event.error)) return true
  if (typeof event.type === 'string' && beginnings.has(event.type)) return false
  const { choices } = event
  if (Array.isArray(choices)) return choices.some(saysSomething)
  // llama.cpp's own route, whose progress has no tokens.
  if (event.content === '') return event.stop === true || saysSomething(event.tokens)
  return Object.keys(event).length > 0
}

/** Asked of each piece of a stream of events in turn: whether one with content has come whole. */
export function contentOfEvents(): (bytes: Uint8Array) => boolean {
  let found = false
  const decoder = new TextDecoder()
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ data }) => {
      found ||= data !== '' && hasContent(parsed(data))
    },
    // No beginning is so long.
    onError: (error) => {
      found ||= error.type === 'max-buffer-size-exceeded'
    },
  })
  return (bytes) => {
    if (!found) parser.feed(decoder.decode(bytes, { stream: true }))
    return found
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

/** Whether bytes of a reply are blanks alone, as some servers send to keep a connection. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of a choice or a delta, at any depth: whether a value is there beside names and empty values. */
function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(saysSomething)
  if (!isObject(value)) return value !== undefined && value !== null && value !== '' && value !== false
  return Object.entries(value).some(([name, inner]) => !names.has(name) && saysSomething(inner))
}
