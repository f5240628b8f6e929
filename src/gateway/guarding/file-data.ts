/** Shorter ones may be words. */
const LEAST_LENGTH = 512
/** Characters at the beginning by which a text is judged. */
const JUDGED = 4096
/** What base64 has of each class is at least twice as much. */
const LEAST_SHARES = [
  [/[A-Z]/g, 0.15],
  [/[a-z]/g, 0.15],
  [/\d/g, 0.05],
] as const

/**
 * Whether a text is a file in base64, by itself or as a data URL: short forms stand in such by chance, and
 * with an alias in their place it would be another file.
 */
export function isFileData(text: string): boolean {
  if (/^data:[\w.+-]*\/[\w.+-]*(?:;[\w=.+-]+)*;base64,[\w+/=-]*$/.test(text)) return true
  if (text.length < LEAST_LENGTH || !/^[\w+/-]+={0,2}$/.test(text)) return false
  const judged = text.slice(0, JUDGED)
  return LEAST_SHARES.every(([some, share]) => (judged.match(some)?.length ?? 0) >= share * judged.length)
}
