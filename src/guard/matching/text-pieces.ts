/** UTF-16 units: of the texts that are read most slowly, such as escapes in escapes, some milliseconds. */
const PIECE = 256

/** A text in short pieces of whole characters. */
export function* piecesOf(text: string): Generator<string, void, void> {
  for (let at = 0; at < text.length; ) {
    let end = at + PIECE
    if (isHighSurrogate(text.charCodeAt(end - 1))) end++
    yield text.slice(at, end)
    at = end
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
