import { readdirSync, readFileSync } from 'node:fs'

/** The pages that people read, from the repository's root. */
export const pages: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
]

export function pageText(page: string): string {
  return readFileSync(page, 'utf8')
}

/** Pages that `npm run docs` writes. */
export const generatedPages: readonly string[] = ['docs/configuration.md', 'docs/request-fields.md']

/** A command line that a page shows. */
export interface DocumentedCommand {
  readonly page: string
  /** Without variables in front, and without a comment. */
  readonly line: string
  /** Whether it stands in a block, to be typed, and not inside a sentence. */
  readonly inBlock: boolean
}

const PROGRAM =
  /^(?:[A-Z_]+=\S+ )*(?:\$ )?((?:costeer|node dist\/main\.js|npm|npx|node scripts\/\S+)(?: .*)?)$/

/** Every line of a page that runs this program or npm. */
export function commandsOf(page: string): DocumentedCommand[] {
  const text = pageText(page)
  const fenced = [...text.matchAll(/^```(?:sh|bash|console|)\n([\s\S]*?)^```/gm)].flatMap(([, body = '']) =>
    body.split('\n'),
  )
  const indented = text.split('\n').flatMap((line) => (line.startsWith('    ') ? [line.slice(4)] : []))
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const command = (inBlock: boolean) => (line: string) => {
    const found = PROGRAM.exec(line.replace(/(?:\s+#|\s{3,}).*$/, '').trim())?.[1]
    return found === undefined ? [] : [{ page, line: found, inBlock }]
  }
  return [...[...fenced, ...indented].flatMap(command(true)), ...inline.flatMap(command(false))]
}

/** Splits a line as a shell does, for words and double quotes. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
