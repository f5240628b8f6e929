/** Something that is wrong in a profile's file. */
export interface FileProblem {
  /** From 1; null when it concerns the whole file. */
  readonly line: number | null
  readonly text: string
}

/** The problems in what the gateway says of a file that it does not take: `profile:3: name: is missing`. */
export function problemLines(message: string): readonly FileProblem[] {
  return message.split('\n').map((said) => {
    const [, line, text] = /^profile(?::(\d+))?: (.*)$/s.exec(said) ?? []
    return { line: line === undefined ? null : Number(line), text: text ?? said }
  })
}

/** Where a line of a text begins and ends; at its end where it has no such line. */
export function lineRange(text: string, line: number): { readonly start: number; readonly end: number } {
  const before = text.split('\n').slice(0, line - 1)
  const start = Math.min(
    text.length,
    before.reduce((sum, { length }) => sum + length + 1, 0),
  )
  const end = text.indexOf('\n', start)
  return { start, end: end === -1 ? text.length : end }
}
