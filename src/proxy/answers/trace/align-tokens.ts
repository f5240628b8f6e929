import type { WireTokenTrace } from './trace-schema.ts'

/** A part of an answer's text, with the trace of the token that it came from; null where none is known. */
export interface TextPiece {
  readonly text: string
  readonly trace: WireTokenTrace | null
}

const PARTIAL_CHARACTER = '\u{fffd}'

/**
 * Divides an answer's text into the texts of its tokens. The pieces joined are always the whole text. Tokens
 * that are parts of a character share it with the last of them; tokens whose text is not visible yet are left
 * out.
 */
export function alignTokens(text: string, traces: readonly WireTokenTrace[]): readonly TextPiece[] {
  const pieces: TextPiece[] = []
  let cursor = 0
  let unfinished: WireTokenTrace | null = null
  const add = (end: number, trace: WireTokenTrace | null) => {
    if (end > cursor) pieces.push({ text: text.slice(cursor, end), trace })
    cursor = Math.max(cursor, end)
  }
  for (const trace of traces) {
    const token = trace.token.text
    const at = token === '' ? -1 : text.indexOf(token, cursor)
    if (at < 0) {
      if (token.includes(PARTIAL_CHARACTER)) unfinished = trace
      continue
    }
    add(at, unfinished)
    unfinished = null
    add(at + token.length, trace)
  }
  add(text.length, unfinished)
  return pieces
}
