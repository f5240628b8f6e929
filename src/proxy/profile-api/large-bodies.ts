/** What the page may send at once: an export of many years; larger ones are read by the command line. */
const MAX_IMPORT_BYTES = 512 * 1024 * 1024
/** All texts of such an export that somebody keeps. */
const MAX_TEXTS_BYTES = 32 * 1024 * 1024

/** How large the body of a request to a path may be, where that is more than for others. */
export function largeBodyBytes(path: string): number | null {
  const [, name] = /^\/costeer\/v1\/profiles\/[^/]+\/(imports|texts)$/.exec(path) ?? []
  if (name === undefined) return null
  return name === 'imports' ? MAX_IMPORT_BYTES : MAX_TEXTS_BYTES
}
