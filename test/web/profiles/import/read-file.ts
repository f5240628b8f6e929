import type { ReadFile } from '../../../../web/profiles/import/candidate.ts'

type Preview = ReadFile['preview']

/** A text that was found, with the parts that a test is about. */
export function found(
  text: string,
  changes: Partial<Preview['texts'][number]> = {},
): Preview['texts'][number] {
  return { text, task: 'Write it.', date: null, kind: 'written', place: '', like: null, ...changes }
}

/** A file as the gateway has read it, with the parts that a test is about. */
export function readFile(name: string, changes: Partial<Preview> = {}): ReadFile {
  const counts = { read: 0, new: 0, same: 0, similar: 0, leftOut: [] }
  return {
    name,
    preview: {
      object: 'profile.import',
      format: 'text',
      texts: [],
      facts: [],
      counts,
      senders: [],
      needsFrom: false,
      problems: [],
      ...changes,
    },
  }
}
