/** A tokenizer that turns control strings into control tokens wherever they stand. */
export interface EagerTokenizer {
  tokenize(text: string, signal: AbortSignal): Promise<readonly number[]>
  detokenize(ids: readonly number[], signal: AbortSignal): Promise<string>
  isControl(id: number): boolean
}

/** The places inside `text` that break every one of `controls`, each after its first character. */
function breaks(text: string, controls: readonly string[]): number[] {
  const places = new Set<number>()
  for (const control of controls) {
    for (let at = text.indexOf(control); at >= 0; at = text.indexOf(control, at + 1)) {
      if (at + 1 < text.length) places.add(at + 1)
    }
  }
  return [...places].sort((a, b) => a - b)
}

/** Tokenises `text` without any control token: where one comes out, its string is cut in two. */
export async function plainTokens(
  server: EagerTokenizer,
  text: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const ids = await server.tokenize(text, signal)
  const controls = [...new Set(ids.filter((id) => server.isControl(id)))]
  if (controls.length === 0) return ids
  const strings = await Promise.all(controls.map((id) => server.detokenize([id], signal)))
  const places = breaks(
    text,
    strings.filter((string) => string !== ''),
  )
  if (places.length === 0) {
    // The tokenizer reads a control token into other characters: halves find where.
    if (text.length < 2) return ids.filter((id) => !server.isControl(id))
    places.push(text.length >> 1)
  }
  const pieces = [0, ...places].map((from, at) => text.slice(from, places[at]))
  return (await Promise.all(pieces.map((piece) => plainTokens(server, piece, signal)))).flat()
}
