/** The gateway takes at most so many texts, and so much JSON, in one request. */
const MOST_TEXTS = 10_000
const MOST_CHARS = 8_000_000

/** Divides texts into lists that fit a request each, in order. */
export function textBatches<Text extends { readonly text: string }>(
  texts: readonly Text[],
  { mostTexts = MOST_TEXTS, mostChars = MOST_CHARS } = {},
): readonly (readonly Text[])[] {
  const batches: Text[][] = []
  let room = 0
  for (const text of texts) {
    const last = batches.at(-1)
    if (last === undefined || last.length === mostTexts || text.text.length > room) {
      batches.push([text])
      room = mostChars - text.text.length
    } else {
      last.push(text)
      room -= text.text.length
    }
  }
  return batches
}
