const INDENT = '  '
/** A string, which may be cut off, a bracket or sign, or anything else between spaces. */
const PARTS = /"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:"]+/gs

/**
 * A JSON text, indented as JSON.stringify does. It may break off anywhere, as the arguments of a call do
 * while they come; what is no JSON keeps its words.
 */
export function prettyArguments(json: string): string {
  let text = ''
  let depth = 0
  let last = ''
  const newLine = () => `\n${INDENT.repeat(Math.max(0, depth))}`
  for (const [part] of json.matchAll(PARTS)) {
    const opens = last === '{' || last === '['
    if (part === '}' || part === ']') {
      depth -= 1
      text += opens ? part : newLine() + part
    } else if (part === ',') text += part
    else if (part === ':') text += ': '
    else {
      if (opens || last === ',') text += newLine()
      else if (last !== '' && last !== ':') text += ' '
      text += part
      if (part === '{' || part === '[') depth += 1
    }
    last = part
  }
  return text
}
