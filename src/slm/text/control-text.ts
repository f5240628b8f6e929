import { literalPattern } from '../tokenizer-files/literal-pattern.ts'
import { isControlToken, type TokenizerJson } from '../tokenizer-files/tokenizer-source.ts'

/**
 * Keeps a user's text from turning into control tokens such as end of turn, while the
 * template's own markers do.
 */
export interface ControlText {
  /**
   * `content` with `breaker` put inside every control token's text, and inside a beginning or end that
   * could become one together with the template around it. Ordinary content is returned as it is.
   */
  breakControlTokens(content: string, breaker: string): string
  /** Splits a rendered prompt at its control tokens. */
  split(rendered: string): ControlPiece[]
}

type ControlPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'control'; readonly id: number }

/** Longest proper prefix of any `tokens` that `content` ends with, in UTF-16 units. */
function endOverlap(content: string, tokens: readonly string[]): number {
  let longest = 0
  for (const token of tokens) {
    for (let length = Math.min(token.length - 1, content.length); length > longest; length--) {
      if (content.endsWith(token.slice(0, length))) longest = length
    }
  }
  return longest
}

/** Longest proper suffix of any `tokens` that `content` begins with, in UTF-16 units. */
function startOverlap(content: string, tokens: readonly string[]): number {
  let longest = 0
  for (const token of tokens) {
    for (let length = Math.min(token.length - 1, content.length); length > longest; length--) {
      if (content.startsWith(token.slice(token.length - length))) longest = length
    }
  }
  return longest
}

/** For the control tokens that a tokenizer declares. */
export function createControlText({ added_tokens }: TokenizerJson): ControlText {
  const controls = added_tokens.filter(isControlToken)
  if (controls.length === 0) {
    return {
      breakControlTokens: (content) => content,
      split: (rendered) => [{ type: 'text', text: rendered }],
    }
  }
  const contents = controls.map(({ content }) => content)
  const byContent = new Map(controls.map((token) => [token.content, token]))
  const pattern = literalPattern(contents)
  // Also occurrences that overlap another one, hence the lookahead
  const inside = new RegExp(`(?=(?:${pattern}))([\\s\\S])`, 'g')
  const whole = new RegExp(`(${pattern})`)
  return {
    breakControlTokens(content, breaker) {
      const broken = content.replace(inside, `$1${breaker}`)
      const end = broken.length - endOverlap(broken, contents)
      const tail = end < broken.length ? `${broken[end]}${breaker}${broken.slice(end + 1)}` : ''
      const joined = broken.slice(0, end) + tail
      const start = startOverlap(joined, contents)
      return start > 0 ? `${joined.slice(0, start - 1)}${breaker}${joined.slice(start - 1)}` : joined
    },
    split(rendered) {
      const pieces: ControlPiece[] = []
      const parts = rendered.split(whole)
      for (const [index, part] of parts.entries()) {
        const control = index % 2 === 1 ? byContent.get(part) : undefined
        if (control) pieces.push({ type: 'control', id: control.id })
        else {
          const trimmedStart = byContent.get(parts[index - 1] ?? '')?.rstrip ? part.trimStart() : part
          const text = byContent.get(parts[index + 1] ?? '')?.lstrip ? trimmedStart.trimEnd() : trimmedStart
          if (text) pieces.push({ type: 'text', text })
        }
      }
      return pieces
    },
  }
}
