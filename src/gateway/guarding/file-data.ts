import type { SlicedWork } from '../../sliced-work.ts'

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
const DATA_URL = /^(data:[\w.+-]*\/[\w.+-]*(?:;[^;,"\\]{0,300}){0,9};base64,)[\w+/=-]*$/

/**
 * A text with all that is no file in it mapped: where it is one in base64, by itself or as a data URL, what
 * stands before that, such as the file's name. Short forms stand in files by chance, and with an alias in
 * their place it would be another file.
 */
export function* mappedBesideFile(
  text: string,
  map: (text: string) => SlicedWork<string>,
): SlicedWork<string> {
  const [, head = ''] = DATA_URL.exec(text) ?? []
  if (head !== '') return (yield* map(head)) + text.slice(head.length)
  return isBase64(text) ? text : yield* map(text)
}

function isBase64(text: string): boolean {
  if (text.length < LEAST_LENGTH || !/^[\w+/-]+={0,2}$/.test(text)) return false
  const judged = text.slice(0, JUDGED)
  return LEAST_SHARES.every(([some, share]) => (judged.match(some)?.length ?? 0) >= share * judged.length)
}
