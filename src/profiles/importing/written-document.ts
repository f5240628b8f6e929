import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { decodeUtf8 } from '../../read-yaml.ts'
import { entryTask } from '../rendering/entry-task.ts'
import { dayOf, type Finding } from './finding.ts'

const ENDING = /\.(?:md|markdown|mdx|txt|text)$/i
const MARKDOWN = /\.(?:md|markdown|mdx)$/i
const FRONT_MATTER = /^---[ \t]*\n([\s\S]{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/
const FIRST_HEADING = /^\s*(?:#[ \t]+(.{1,200}?)[ \t]*#*[ \t]*(?:\n|$)|(.{1,200})\n=+[ \t]*(?:\n|$))/
const DATED_NAME = /(?:^|\D)((?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:\D|$)/
const DAY = /^\d{4}(?:-\d{2}(?:-\d{2})?)?/

const frontMatterSchema = z.object({
  title: z.string().trim().min(1).optional().catch(undefined),
  task: z.string().trim().min(1).optional().catch(undefined),
  date: z.string().optional().catch(undefined),
  created: z.string().optional().catch(undefined),
})

interface DocumentOptions {
  /** The file's name, with its folders where it has any. */
  readonly name: string
  /** When the file was last changed, as a date. */
  readonly modified: string | null
}

/** Whether a file is called as a written text is. */
export function isDocumentName(name: string): boolean {
  return ENDING.test(name)
}

/** A Markdown or text file as one text, called by its front matter, its first heading or its name. */
export function writtenDocument(bytes: Uint8Array, { name, modified }: DocumentOptions): Finding[] {
  const source = decoded(bytes)
  if (source === null) return [{ type: 'problem', place: name, message: 'is no text in UTF-8' }]
  const content = source.replace(/\r\n?/g, '\n')
  const isMarkdown = MARKDOWN.test(name)
  const [front = '', matter] = (isMarkdown ? FRONT_MATTER.exec(content) : null) ?? []
  const { title: named, task, date, created } = frontMatter(matter)
  const body = content.slice(front.length)
  const heading = isMarkdown ? FIRST_HEADING.exec(body) : null
  const title = named ?? heading?.[1] ?? heading?.[2] ?? titleOf(name)
  const text = body.slice(heading?.[0].length ?? 0).trim()
  if (text === '') return [{ type: 'left-out', reason: 'no-text' }]
  const said = DAY.exec(date ?? created ?? '')?.[0] ?? DATED_NAME.exec(name)?.[1]
  const found = {
    text,
    task: task ?? entryTask({ title: title === '' ? undefined : title, text }),
    date: dayOf(said) ?? modified,
    kind: 'written',
    place: name,
  } as const
  return [{ type: 'text', found }]
}

function titleOf(name: string): string {
  const own = (name.split(/[\\/]/).at(-1) ?? '').replace(ENDING, '')
  return own
    .replace(DATED_NAME, ' ')
    .replace(/[-_\s]+/g, ' ')
    .trim()
}

function frontMatter(source: string | undefined): z.infer<typeof frontMatterSchema> {
  try {
    const parsed = frontMatterSchema.safeParse(
      parseYaml(source ?? '', { schema: 'failsafe', maxAliasCount: 0, logLevel: 'error' }),
    )
    return parsed.success ? parsed.data : {}
  } catch {
    return {}
  }
}

function decoded(bytes: Uint8Array): string | null {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return bytes.includes(0) ? null : decodeUtf8(bytes)
}
