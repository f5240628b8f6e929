/** Where a member of a JSON object stands in its text: from its name to the end of its value. */
export interface JsonMember {
  readonly name: string
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** An escape, or a control character, which no name may hold as it is. */
const ESCAPED = /[\\\p{Cc}]/u

/**
 * The members of the JSON object that begins at or after `from`, so that some can be replaced without
 * touching any other character. `text` may hold bytes as characters (latin1). Null when there is no object,
 * or it is not well-formed.
 */
export function jsonMembers(text: string, from = 0): JsonMember[] | null {
  let at = skipSpace(text, from)
  if (text[at] !== '{') return null
  const members: JsonMember[] = []
  at = skipSpace(text, at + 1)
  if (text[at] === '}') return members
  for (;;) {
    const nameEnd = text[at] === '"' ? stringEnd(text, at) : -1
    if (nameEnd === -1) return null
    const colon = skipSpace(text, nameEnd)
    if (text[colon] !== ':') return null
    const valueStart = skipSpace(text, colon + 1)
    const end = valueEnd(text, valueStart)
    const name = unquoted(text.slice(at, nameEnd))
    if (end === -1 || name === null) return null
    members.push({ name, start: at, valueStart, end })
    const next = skipSpace(text, end)
    if (text[next] === '}') return members
    if (text[next] !== ',') return null
    at = skipSpace(text, next + 1)
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return at
}

/** One past the closing quote of the string that begins at `quote`; -1 when it has none. */
function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return -1
}

/** One past the value that begins at `from`; -1 when it does not end. */
function valueEnd(text: string, from: number): number {
  if (text[from] === '"') return stringEnd(text, from)
  let at = from
  if (text[from] !== '{' && text[from] !== '[') {
    while (at < text.length && !',]} \n\r\t'.includes(text[at] as string)) at++
    return at === from ? -1 : at
  }
  for (let depth = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      at = stringEnd(text, at) - 1
      if (at < 0) return -1
    } else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return -1
}

function unquoted(quoted: string): string | null {
  // Most are plain, and a body may have hundreds of thousands.
  if (!ESCAPED.test(quoted)) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return null
  }
}
