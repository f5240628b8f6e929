import { stat } from 'node:fs/promises'
import { errorCode } from '../../error-code.ts'
import { jsonValue } from '../../json-value.ts'
import { FileRefused, readProblem, readRegularFile, withFileLimit } from '../../read-regular-file.ts'
import { decodeUtf8 } from '../../read-yaml.ts'
import { WorkSlices } from '../../work-slices.ts'
import { type HistoryEntry, historyEntrySchema } from '../profile.ts'
import type { ProfileProblem } from '../profile-problem.ts'

/** The ending of the files that hold a profile's texts, one as JSON on each line. */
const TEXTS_EXTENSION = '.texts.jsonl'
export const MAX_TEXTS_BYTES = 64 * 1024 * 1024
const LINES_BETWEEN_LOOKS = 32

export type LoadedTexts =
  | { readonly ok: true; readonly texts: readonly HistoryEntry[] }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] }

/** Where the texts beside a profile stand, by the path or name of its own file, a deleted one's too. */
export function textsPath(profilePath: string): string {
  return profilePath.replace(/\.yaml$/, TEXTS_EXTENSION)
}

/** The name of the profile's own file, by that of one of its files; null for other names. */
export function ownFileOf(name: string): string | null {
  if (name.startsWith('.')) return null
  if (name.endsWith(TEXTS_EXTENSION)) return name.replace(TEXTS_EXTENSION, '.yaml')
  return name.endsWith('.yaml') ? name : null
}

/** Changes whenever a file of texts does. */
export async function textsStamp(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await withFileLimit(path, () => stat(path))
    return [mtimeMs, ctimeMs, size, ino].join('-')
  } catch (error) {
    return errorCode(error)
  }
}

/**
 * Reads a file of texts; a missing one holds none. Never throws for what a file holds or for a file that
 * cannot be read.
 */
export async function loadTexts(path: string): Promise<LoadedTexts> {
  const broken = (message: string): LoadedTexts => ({
    ok: false,
    problems: [{ file: path, line: null, key: null, message }],
  })
  try {
    const source = decodeUtf8(await readRegularFile(path, MAX_TEXTS_BYTES))
    return source === null ? broken('is not UTF-8 text') : await parseTexts(source, path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { ok: true, texts: [] }
    const isTooLarge = error instanceof FileRefused && error.reason === 'too-large'
    return broken(
      isTooLarge ? `is larger than ${MAX_TEXTS_BYTES} bytes` : `cannot be read (${readProblem(error)})`,
    )
  }
}

const MOST_PROBLEMS = 20

/** Texts from their lines, in slices. Problems come with line and key, without any value. */
export async function parseTexts(source: string, file: string): Promise<LoadedTexts> {
  const texts: HistoryEntry[] = []
  const problems: ProfileProblem[] = []
  const slices = new WorkSlices()
  let line = 0
  for (let start = 0; start < source.length && problems.length < MOST_PROBLEMS; ) {
    const end = source.indexOf('\n', start)
    const content = source.slice(start, end < 0 ? source.length : end).trim()
    start = end < 0 ? source.length : end + 1
    line += 1
    if (content !== '') {
      const checked = historyEntrySchema.safeParse(jsonValue(content))
      if (checked.success) texts.push(checked.data)
      else problems.push(...checked.error.issues.map((issue) => lineProblem(issue, file, line)))
    }
    if (line % LINES_BETWEEN_LOOKS === 0 && slices.isOver) await slices.pause()
  }
  return problems.length === 0 ? { ok: true, texts } : { ok: false, problems }
}

/** A text as a line of its file, the line break included. */
export function textLine({ title, task, date, text }: HistoryEntry): string {
  return `${JSON.stringify({ title, task, date, text })}\n`
}

function lineProblem(
  issue: { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string },
  file: string,
  line: number,
): ProfileProblem {
  if (issue.path.length > 0) {
    return { file, line, key: issue.path.map(String).join('.'), message: issue.message }
  }
  const message =
    issue.code === 'unrecognized_keys'
      ? 'has a key other than "task", "title", "date" and "text"'
      : 'is no JSON object with "text", and perhaps "task" or "title", and "date"'
  return { file, line, key: null, message }
}
