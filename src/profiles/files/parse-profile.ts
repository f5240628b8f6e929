import type { Document } from 'yaml'
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Profile } from '../profile.ts'
import { profileSchema } from '../profile.ts'
import type { ProfileProblem } from '../profile-problem.ts'

export type ParsedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] }

/** Every scalar stays text (an age or a date needs no quotes); only an empty value is null. */
export const profileYaml = { schema: 'failsafe', customTags: ['null' as const], prettyErrors: false }

// The parser's own messages quote the file, so only its codes are used.
const syntaxMessages: Partial<Record<string, string>> = {
  BAD_ALIAS: 'a value begins with "*"; put quotes around it',
  BAD_DQ_ESCAPE: 'a backslash inside double quotes; use single quotes',
  BAD_INDENT: 'the line is indented too little or too much',
  BAD_SCALAR_START: 'a value begins with "@" or "`"; put quotes around it',
  BLOCK_AS_IMPLICIT_KEY: 'a line holds ": " twice; put quotes around the value',
  DUPLICATE_KEY: 'the same key stands twice',
  MISSING_CHAR: 'a quote, bracket or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key without its colon, or a text that needs "|" before it',
  MULTIPLE_DOCS: 'the file holds more than one document; remove the "---" line',
  TAB_AS_INDENT: 'a tab indents the line; use spaces',
  TAG_RESOLVE_FAILED: 'a value begins with "!"; put quotes around it',
  UNEXPECTED_TOKEN: 'text where none is allowed; put quotes around the whole value',
}

/**
 * Reads a profile from YAML. All problems are reported at once, with line and key and without the values'
 * text.
 */
export function parseProfile(source: string, file: string): ParsedProfile {
  const lines = new LineCounter()
  const document = parseDocument(source, { ...profileYaml, lineCounter: lines })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    const problems = broken.map(({ code, pos }) => ({
      file,
      line: lines.linePos(pos[0]).line,
      key: null,
      message: syntaxMessages[code] ?? `not valid YAML (${code})`,
    }))
    return { ok: false, problems }
  }
  const content = plainContent(document)
  if (content === undefined) {
    return {
      ok: false,
      problems: [{ file, line: null, key: null, message: 'holds too many aliases ("*name")' }],
    }
  }
  const checked = profileSchema.safeParse(content)
  if (checked.success) return { ok: true, profile: checked.data }
  const lineOf = (path: readonly PropertyKey[]) => lines.linePos(offsetOf(document, path)).line
  return { ok: false, problems: checked.error.issues.flatMap((issue) => describeIssue(issue, file, lineOf)) }
}

function plainContent(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 })
  } catch {
    return undefined
  }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  file: string,
  lineOf: (path: readonly PropertyKey[]) => number,
): ProfileProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    const key = issue.path.length === 0 ? null : formatPath(issue.path)
    return [{ file, line: lineOf(issue.path), key, message: issue.message }]
  }
  return issue.keys.map((key) => {
    const path = [...issue.path, key]
    // A sentence with a colon parses as a key: only what looks like a key is repeated.
    const safe = /^[a-z][a-z0-9_-]{0,31}$/i.test(key)
    const message = safe
      ? 'is not a key of a profile'
      : 'holds a key that no profile has; put quotes around a line with ": "'
    const shown = safe ? path : issue.path
    return { file, line: lineOf(path), key: shown.length === 0 ? null : formatPath(shown), message }
  })
}

/** Where a path's key or item stands; a path that the file lacks stands where its parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true)
    const last = path[depth - 1]
    if (isMap(parent)) {
      const key = parent.items.find((pair) => isScalar(pair.key) && pair.key.value === last)?.key
      if (isNode(key) && key.range) return key.range[0]
    }
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  )
}
