import { readdirSync, readFileSync } from 'node:fs'

const codeFolders = ['src', 'web', 'test', 'bench', 'scripts', 'deploy', 'examples'] as const
const yamlFolders = ['config', 'deploy'] as const

/** A line of code that holds a comment, whole lines and those at the end of a line alike. */
export interface CommentLine {
  readonly path: string
  /** From 1. */
  readonly number: number
  readonly text: string
}

/** Every line with a comment in the repository's code, configurations and manifests. */
export function commentLines(): CommentLine[] {
  return [
    ...codeFolders.flatMap((folder) => linesBelow(folder, /\.(tsx?|mjs)$/, isComment)),
    ...yamlFolders.flatMap((folder) => linesBelow(folder, /\.yaml$/, isYamlComment)),
  ]
}

export function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line) || /\s\/\/ [^'"`]*$/.test(line)
}

function isYamlComment(line: string): boolean {
  return /^\s*#/.test(line)
}

/** Every file of a folder and those below it, but for fixtures. */
export function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !/(^|\/)(fixtures|node_modules)\//.test(name))
    .map((name) => `${folder}/${name}`)
}

function linesBelow(folder: string, ending: RegExp, holds: (line: string) => boolean): CommentLine[] {
  return filesBelow(folder, ending).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .map((text, index) => ({ path, number: index + 1, text }))
      .filter(({ text }) => holds(text)),
  )
}
