/** The routes whose answers are steered. */
const answerPaths: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/responses',
])

/** Encodings within encodings that are undone; servers undo one, and proxies before them perhaps another. */
const MAX_ENCODINGS = 4

/**
 * The steered route that a path means: itself, or spelled as servers may read it all the same, with other
 * slashes, dots, letter case, escapes or parameters, or with the base URL's `/v1` twice. Null for any other
 * path. What can be steered would otherwise reach a server by a route that is not ours, past the profile.
 */
export function answerPath(path: string): string | null {
  if (answerPaths.has(path)) return path
  const segments: string[] = []
  for (const written of decoded(path)
    .toLowerCase()
    .split(/[/\\]+/)) {
    const segment = written.replace(/;.*/s, '').trim()
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  while (segments[0] === 'v1' && segments[1] === 'v1') segments.shift()
  const plain = `/${segments.join('/')}`
  return answerPaths.has(plain) ? plain : null
}

function decoded(path: string): string {
  let text = path
  for (let round = 0; round < MAX_ENCODINGS; round++) {
    const next = text.replace(/%([0-7][\da-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (next === text) break
    text = next
  }
  return text
}
