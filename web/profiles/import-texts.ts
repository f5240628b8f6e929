import type { HistoryEntry } from '../../src/profiles/profile.ts'

const TEXT_NAME = /\.(?:txt|md|markdown|text|eml)$/i
/** A past text longer than this never fits the local model's window. */
const LONGEST_BYTES = 64 * 1024

export interface ImportedTexts {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[]
  /** Files that are no text, empty, or too long. */
  readonly skipped: number
}

/** Reads the user's own text files as past texts, titled by their names and dated by their last change. */
export async function importTexts(files: readonly File[]): Promise<ImportedTexts> {
  const texts = files.filter(({ name, size }) => TEXT_NAME.test(name) && size > 0 && size <= LONGEST_BYTES)
  const read = await Promise.all(texts.map(historyEntry))
  const entries = read.filter((entry) => entry !== null)
  entries.sort((a, b) => ((a.date ?? '') < (b.date ?? '') ? 1 : -1))
  return { entries, skipped: files.length - entries.length }
}

async function historyEntry(file: File): Promise<HistoryEntry | null> {
  const text = await utf8Text(file)
  if (text === null || text.trim() === '') return null
  const title = file.name.replace(TEXT_NAME, '').replace(/[-_]+/g, ' ').trim()
  const date = new Date(file.lastModified).toISOString().slice(0, 10)
  return { ...(title === '' ? {} : { title }), date, text: text.replaceAll('\r\n', '\n').trim() }
}

async function utf8Text(file: File): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
  } catch {
    return null
  }
}
