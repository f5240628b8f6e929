/** A part of a text; `is` says what of the marked texts it is, null where it is none. */
export interface MarkedPart {
  readonly text: string
  readonly is: string | null
}

/** Divides a text where one of `marked` stands, in any case; of several at a place the longest. */
export function markedText(text: string, marked: readonly string[]): readonly MarkedPart[] {
  const wanted = marked.filter((one) => one !== '').toSorted((a, b) => b.length - a.length)
  if (wanted.length === 0) return text === '' ? [] : [{ text, is: null }]
  const pattern = new RegExp(`(${wanted.map(escaped).join('|')})`, 'giu')
  return text.split(pattern).flatMap((part, index) => {
    if (part === '') return []
    const is = index % 2 === 1 ? wanted.find((one) => one.toLowerCase() === part.toLowerCase()) : undefined
    return [{ text: part, is: is ?? null }]
  })
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
