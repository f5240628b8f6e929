import type { WireUpstreamRequest } from '../../src/proxy/openai/trace-schema.ts'

/** What a request says to a reader: the text of its token ids, where that is known, or its body. */
export function sentText({ body, text }: WireUpstreamRequest): string {
  if (text !== undefined) return text
  try {
    const { texts } = JSON.parse(body) as { readonly texts?: readonly string[] }
    return Array.isArray(texts) ? texts.join('\n') : body
  } catch {
    return body
  }
}
