import type { ImportPreview } from '../../profiles/importing/import-preview.ts'

const ROWS = 20
const TASK_CHARS = 48
const BEGINNING_CHARS = 40

const reasons: Readonly<Record<ImportPreview['counts']['leftOut'][number]['reason'], string>> = {
  'too-short': 'too short to show a voice',
  'too-long': 'too long for a small model',
  'not-yours': 'written by others, or by a program',
  'no-text': 'without text of their own',
  'beyond-limit': 'beyond what is taken at once',
}

/** What an import would add, for a person: the newest texts, then counts, then what could not be read. */
export function importTable({ texts, facts, counts, problems }: ImportPreview): string {
  const fresh = texts.filter(({ like }) => like === null)
  const rows = fresh
    .slice(0, ROWS)
    .map(({ date, kind, task, text }) => [
      date ?? '-',
      kind,
      cut(task, TASK_CHARS),
      cut(text, BEGINNING_CHARS),
    ])
  const newFacts = facts.filter(({ like }) => like === null)
  const more = fresh.length - rows.length
  return [
    ...table([['date', 'kind', 'task', 'begins'], ...rows]),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...newFacts.slice(0, ROWS).map(({ text }) => `fact  ${cut(text, TASK_CHARS + BEGINNING_CHARS)}`),
    ...(newFacts.length > ROWS ? [`and ${newFacts.length - ROWS} more facts`] : []),
    '',
    `New: ${counts.new} of ${counts.read}; there already: ${counts.same}, nearly: ${counts.similar}.`,
    ...counts.leftOut.map(({ reason, count }) => `Left out: ${count} ${reasons[reason]}.`),
    ...problems.map(({ place, message }) => `Not read: ${place}: ${message}`),
  ].join('\n')
}

function table(rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 1) return []
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** One line of what a terminal can show. */
function cut(text: string, chars: number): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return line.length <= chars ? line : `${line.slice(0, chars - 1).trimEnd()}…`
}
