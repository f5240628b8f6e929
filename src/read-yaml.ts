import type { Alias, Document, DocumentOptions, Node, ParseOptions, SchemaOptions } from 'yaml'
import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'

/** What is wrong with a YAML text, and where; never holds any of its text. */
interface YamlProblem {
  /** From 1. */
  readonly line: number
  readonly message: string
}

export type ReadYaml =
  | {
      readonly ok: true
      /** Plain values; undefined for an empty text. */
      readonly content: unknown
      /** The line of a path's key or item; a path that the text lacks stands where its parent does. */
      readonly lineOf: (path: readonly PropertyKey[]) => number
    }
  /** At most one for each line, since the first mistake of a line causes the others. */
  | { readonly ok: false; readonly problems: readonly YamlProblem[] }

export type YamlOptions = ParseOptions &
  DocumentOptions &
  SchemaOptions & {
    /** How often anchors may be repeated in all, those in repeated ones counted each time. */
    readonly maxAliasCount: number
  }

const NESTED_TOO_DEEPLY = 'RESOURCE_EXHAUSTION'
const UNQUOTED_STAR = 'a value begins with "*"; put quotes around it'

// The parser's own messages quote the text, so only its codes are used.
const syntaxMessages: Partial<Record<string, string>> = {
  BAD_ALIAS: UNQUOTED_STAR,
  BAD_DQ_ESCAPE: 'a backslash inside double quotes; use single quotes',
  BAD_INDENT: 'the line is indented too little or too much, or a bracket is not closed',
  BAD_SCALAR_START: 'a value begins with "@" or "`"; put quotes around it',
  BLOCK_AS_IMPLICIT_KEY: 'a line holds ": " twice; put quotes around the value',
  DUPLICATE_KEY: 'the same key stands twice',
  MISSING_CHAR: 'a quote, bracket or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key without its colon, or a text that needs "|" before it',
  MULTIPLE_DOCS: 'the file holds more than one document; remove the "---" line',
  [NESTED_TOO_DEEPLY]: 'lists or maps are nested too deeply',
  TAB_AS_INDENT: 'a tab indents the line; use spaces',
  TAG_RESOLVE_FAILED: 'a value begins with "!"; put quotes around it',
  UNEXPECTED_TOKEN: 'text where none is allowed; put quotes around the whole value',
}

/** Reads one YAML document. Never throws for what it holds, and prints nothing. */
export function readYaml(source: string, { maxAliasCount, ...options }: YamlOptions): ReadYaml {
  const lines = new LineCounter()
  const document = parseDocument(source, {
    ...options,
    lineCounter: lines,
    prettyErrors: false,
    // A warning would print what the text says.
    logLevel: 'error',
  })
  const broken = [...document.errors, ...document.warnings]
  const tooDeep = broken.find(({ code }) => code === NESTED_TOO_DEEPLY)
  const problems = [
    ...(tooDeep === undefined ? broken : [tooDeep]).map(({ code, pos }) => ({
      offset: pos[0],
      message: syntaxMessages[code] ?? `not valid YAML (${code})`,
    })),
    ...(broken.length === 0 ? unusableNodes(document) : []),
  ].map(({ offset, message }) => ({ line: lines.linePos(offset).line, message }))
  if (problems.length > 0) return { ok: false, problems: firstOfEachLine(problems) }
  try {
    const content: unknown = document.toJS({ maxAliasCount })
    return { ok: true, content, lineOf: (path) => lines.linePos(offsetOf(document, path)).line }
  } catch {
    const { line } = lines.linePos(lastAlias(document)?.range?.[0] ?? 0)
    return { ok: false, problems: [{ line, message: 'the file holds too many aliases ("*name")' }] }
  }
}

/** The text of a file, null when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

interface Found {
  readonly offset: number
  readonly message: string
}

/** What the parser takes and plain values cannot hold. */
function unusableNodes(document: Document.Parsed): Found[] {
  const found: Found[] = []
  visit(document, {
    Alias(_key, alias) {
      const target = alias.resolve(document)
      const offset = startOf(alias)
      if (target === undefined) found.push({ offset, message: UNQUOTED_STAR })
      else if (isWithin(offset, target))
        found.push({ offset, message: 'an alias ("*name") stands inside of what it repeats' })
    },
    Pair(_key, { key }) {
      if (isScalar(key) || !isNode(key)) return
      const message = isCollection(key)
        ? 'a key begins with a bracket or a brace; put quotes around it'
        : UNQUOTED_STAR
      found.push({ offset: startOf(key), message })
    },
  })
  return found
}

function lastAlias(document: Document.Parsed): Alias | undefined {
  let last: Alias | undefined
  visit(document, {
    Alias(_key, alias) {
      last = alias
    },
  })
  return last
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}

function isWithin(offset: number, { range }: Node): boolean {
  return range != null && range[0] <= offset && offset < range[1]
}

function firstOfEachLine(problems: readonly YamlProblem[]): YamlProblem[] {
  return [...new Map(problems.toReversed().map((problem) => [problem.line, problem])).values()].sort(
    (a, b) => a.line - b.line,
  )
}

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
