import type { WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'

/** What a request says to a reader: the text of its token ids, where that is known, or its body. */
export function sentText({ body, text }: WireUpstreamRequest): string {
  if (text !== undefined) return text
  const parsed = parsedJson(body)
  const texts = typeof parsed === 'object' && parsed !== null && 'texts' in parsed ? parsed.texts : null
  return Array.isArray(texts) ? texts.join('\n') : body
}

/** Everything in which a word can be looked for: the body as it was sent, and its strings without escapes. */
export function searchableText({ body, text = '' }: WireUpstreamRequest): string {
  const strings: string[] = [body, text]
  collectStrings(parsedJson(body), strings)
  return strings.join('\n')
}

function collectStrings(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value)
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collectStrings(item, into)
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
