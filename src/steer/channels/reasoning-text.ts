const SPACE_END = /\s*$/

/**
 * The thoughts of an answer without the white space around each block, as llama.cpp and most parsers of vLLM
 * show them. Blocks are lines of their own.
 */
export class ReasoningText {
  readonly #heading: string
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Text that may be the heading, or white space at the block's end. */
  #held = ''
  #place: 'heading' | 'beginning' | 'text' = 'beginning'
  #hasText = false

  /**
   * `heading`: what a block begins with that is no thought. One that the prompt has opened is open from the
   * start.
   */
  constructor(heading: string) {
    this.#heading = heading
  }

  open(): void {
    this.#decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    this.#held = ''
    this.#place = this.#heading === '' ? 'beginning' : 'heading'
  }

  push(bytes: Uint8Array): string {
    return this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** Ends the block. */
  close(): string {
    const last = this.#take(this.#decoder.decode())
    const rest = this.#place === 'heading' && this.#held !== this.#heading ? this.#shown(this.#held) : ''
    this.#held = ''
    return last + rest
  }

  #take(text: string): string {
    this.#held += text
    if (this.#place === 'heading') {
      const isWhole = this.#held.length > this.#heading.length
      if (!isWhole && this.#heading.startsWith(this.#held)) return ''
      const isHeading = /^\s/.test(this.#held.slice(this.#heading.length))
      if (isHeading && this.#held.startsWith(this.#heading))
        this.#held = this.#held.slice(this.#heading.length)
      this.#place = 'beginning'
    }
    return this.#shown(this.#held)
  }

  #shown(text: string): string {
    const begun = this.#place === 'text' ? text : text.trimStart()
    const end = begun.length - (SPACE_END.exec(begun)?.[0].length ?? 0)
    const shown = begun.slice(0, end)
    this.#held = begun.slice(end)
    if (shown === '') return ''
    const separator = this.#place === 'text' || !this.#hasText ? '' : '\n'
    this.#place = 'text'
    this.#hasText = true
    return separator + shown
  }
}
