import { t } from '../../texts/texts.ts'
import type { ReadFile } from './candidate.ts'

type Format = NonNullable<ReadFile['preview']['format']>
type LeftOut = ReadFile['preview']['counts']['leftOut'][number]

/** What was recognised in some files, in a line: a file by its name, several of one kind by their number. */
export function recognised(files: readonly ReadFile[]): string {
  const [only] = files
  if (files.length === 1 && only !== undefined)
    return t().import.isFormat(only.name, words(only.preview.format))
  const byFormat = new Map<string, number>()
  for (const { preview } of files) {
    const format = words(preview.format)
    byFormat.set(format, (byFormat.get(format) ?? 0) + 1)
  }
  const kinds = [...byFormat].map(([format, count]) => `${count} × ${format}`)
  return t().import.files(files.length, kinds.join(', '))
}

function words(format: Format | null): string {
  return t().import.formats[format ?? 'unknown']
}

/** What is not offered, in a line; empty where all is. */
export function leftOutWords(files: readonly ReadFile[]): string {
  const counts = new Map<LeftOut['reason'], number>()
  for (const { reason, count } of files.flatMap(({ preview }) => preview.counts.leftOut)) {
    counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  const parts = [...counts].filter(([, count]) => count > 0)
  if (parts.length === 0) return ''
  const { leftOut, leftOutReasons } = t().import
  return leftOut(parts.map(([reason, count]) => `${count} ${leftOutReasons[reason]}`).join(', '))
}

/** `98 texts and 2 facts`. */
export function textsAndFacts(texts: number, facts: number): string {
  const words = t().import
  const parts = [texts === 0 ? null : words.texts(texts), facts === 0 ? null : words.factCount(facts)].filter(
    (part) => part !== null,
  )
  return parts.length === 0 ? words.noThing : parts.join(words.and)
}
