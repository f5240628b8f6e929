import { jsonMembers } from './json-members.ts'

/** Whether a body of this content type is JSON. */
export function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(contentType)
}

/** Whether a body of this content type is server-sent events. */
export function isEventStream(contentType: string): boolean {
  return /^text\/event-stream\b/i.test(contentType)
}

/** That of UTF-8, one character for each byte. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * A JSON request for the server: `model` is the server's own name (null leaves it), and the gateway's
 * `costeer` field is gone. Every other byte stays. A body that is no JSON object is returned as it is.
 */
export function outgoingJson(body: Uint8Array, model: string | null): Uint8Array {
  const text = latin1(body)
  const members = jsonMembers(text, text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0)
  if (members === null) return body
  const open = text.indexOf('{') + 1
  const edits: Edit[] = members.flatMap((member, index): Edit[] => {
    const { name, start, valueStart, end } = member
    if (name === 'model' && model !== null) return [{ start: valueStart, end, text: jsonString(model) }]
    if (name !== 'costeer') return []
    // With the comma before it, or after it when nothing stands before.
    const before = members.slice(0, index).findLast((other) => other.name !== 'costeer')
    if (before !== undefined) return [{ start: members[index - 1]?.end ?? start, end, text: '' }]
    return [{ start, end: members[index + 1]?.start ?? end, text: '' }]
  })
  if (model !== null && !members.some(({ name }) => name === 'model')) {
    const comma = members.some(({ name }) => name !== 'costeer') ? ',' : ''
    edits.unshift({ start: open, end: open, text: `"model":${jsonString(model)}${comma}` })
  }
  return edited(body, edits)
}

/**
 * A JSON reply for the client: `model`, also the one inside `response` or `message`, becomes the name that
 * the client sent.
 */
export function incomingJson(json: Uint8Array, model: string): Uint8Array {
  const text = latin1(json)
  return edited(json, modelEdits(text, 0, model))
}

function modelEdits(text: string, from: number, model: string): Edit[] {
  return (jsonMembers(text, from) ?? []).flatMap(({ name, valueStart, end }): Edit[] => {
    if ((name === 'response' || name === 'message') && text[valueStart] === '{')
      return modelEdits(text, valueStart, model)
    if (name !== 'model' || text[valueStart] !== '"') return []
    return [{ start: valueStart, end, text: jsonString(model) }]
  })
}

function edited(body: Uint8Array, edits: readonly Edit[]): Uint8Array {
  if (edits.length === 0) return body
  const pieces: Uint8Array[] = []
  let at = 0
  for (const { start, end, text } of edits) {
    pieces.push(body.subarray(at, start), Buffer.from(text, 'utf8'))
    at = end
  }
  pieces.push(body.subarray(at))
  return Buffer.concat(pieces)
}

/** One character for each byte, so that places in the text are places in the bytes. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function jsonString(text: string): string {
  return JSON.stringify(text)
}
