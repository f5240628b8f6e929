import { literalPattern } from '../tokenizer-files/literal-pattern.ts'
import type { AddedToken } from '../tokenizer-files/tokenizer-source.ts'

/** A stretch of text between added tokens, or one of these. */
export type Section = { readonly text: string; readonly section: number } | { readonly id: number }

/** Finds the tokens that stand in a text as they are, beside those that encoding leads to. */
export class AddedTokens {
  readonly #byContent = new Map<string, AddedToken>()
  readonly #written: RegExp | null
  readonly #normalized: RegExp | null
  readonly #normalize: (text: string) => string

  /**
   * `normalize` is what happens to text before tokens are found in it that are marked as normalized; null
   * for nothing.
   */
  constructor(tokens: readonly AddedToken[], normalize: ((text: string) => string) | null) {
    this.#normalize = normalize ?? ((text) => text)
    const written: string[] = []
    const normalized: string[] = []
    for (const token of tokens) {
      this.#byContent.set(token.content, token)
      if (normalize !== null && (token.normalized ?? !token.special)) {
        this.#byContent.set(normalize(token.content), token)
        normalized.push(normalize(token.content))
      } else written.push(token.content)
    }
    this.#written = anyOf(written)
    this.#normalized = anyOf(normalized)
  }

  /**
   * Cuts a text that is not normalized yet, and normalizes what lies between. `first` numbers the
   * sections.
   */
  *sections(text: string, first: number): Iterable<Section> {
    for (const [at, part] of this.#cut(text, this.#written).entries()) {
      if (part === '') continue
      const token = this.#byContent.get(part)
      if (token !== undefined) yield token
      else yield* this.#normalizedSections(this.#normalize(part), first + at)
    }
  }

  *#normalizedSections(text: string, section: number): Iterable<Section> {
    for (const part of this.#cut(text, this.#normalized)) {
      if (part !== '') yield this.#byContent.get(part) ?? { text: part, section }
    }
  }

  /**
   * The parts before, between and after the tokens, and these; without the white space that tokens take
   * with them.
   */
  #cut(text: string, tokens: RegExp | null): string[] {
    if (tokens === null) return [text]
    const parts = text.split(tokens).filter((part) => part !== '')
    for (const [at, part] of parts.entries()) {
      const token = this.#byContent.get(part)
      if (token?.lstrip && at > 0) parts[at - 1] = parts[at - 1]?.trimEnd() ?? ''
      if (token?.rstrip && at + 1 < parts.length) parts[at + 1] = parts[at + 1]?.trimStart() ?? ''
    }
    return parts
  }
}

/** Matches the longest of the texts that begins somewhere, in a group of its own. */
function anyOf(contents: readonly string[]): RegExp | null {
  const wanted = contents.filter((content) => content !== '')
  return wanted.length === 0 ? null : new RegExp(`(${literalPattern(wanted)})`)
}
