import type { ReadFile } from './candidate.ts'

type Format = NonNullable<ReadFile['preview']['format']>
type LeftOut = ReadFile['preview']['counts']['leftOut'][number]

const formats: Readonly<Record<Format, string>> = {
  chatgpt: 'an export of ChatGPT',
  claude: 'an export of Claude',
  'open-webui': 'memories of Open WebUI',
  mbox: 'a mailbox',
  eml: 'a mail',
  markdown: 'Markdown',
  text: 'text',
  zip: 'an archive',
}

const reasons: Readonly<Record<LeftOut['reason'], string>> = {
  'too-short': 'too short',
  'too-long': 'too long',
  'not-yours': 'not written by you',
  'no-text': 'without text',
  'beyond-limit': 'more than can be shown',
}

/** What was recognised in some files, in a line: a file by its name, several of one kind by their number. */
export function recognised(files: readonly ReadFile[]): string {
  const [only] = files
  if (files.length === 1 && only !== undefined) return `${only.name} is ${words(only.preview.format)}.`
  const byFormat = new Map<string, number>()
  for (const { preview } of files) {
    const format = words(preview.format)
    byFormat.set(format, (byFormat.get(format) ?? 0) + 1)
  }
  const kinds = [...byFormat].map(([format, count]) => `${count} × ${format}`)
  return `${files.length} files: ${kinds.join(', ')}.`
}

function words(format: Format | null): string {
  return format === null ? 'of an unknown kind' : formats[format]
}

/** What is not offered, in a line; empty where all is. */
export function leftOutWords(files: readonly ReadFile[]): string {
  const counts = new Map<LeftOut['reason'], number>()
  for (const { reason, count } of files.flatMap(({ preview }) => preview.counts.leftOut)) {
    counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  const parts = [...counts].filter(([, count]) => count > 0)
  if (parts.length === 0) return ''
  return `Left out: ${parts.map(([reason, count]) => `${count} ${reasons[reason]}`).join(', ')}.`
}

/** `98 texts and 2 facts`. */
export function textsAndFacts(texts: number, facts: number): string {
  const parts = [counted(texts, 'text'), counted(facts, 'fact')].filter((part) => part !== null)
  return parts.length === 0 ? 'nothing' : parts.join(' and ')
}

function counted(count: number, what: string): string | null {
  if (count === 0) return null
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
