import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'

const PROMPT = '> '

interface TypedLinesOptions {
  readonly input: NodeJS.ReadableStream
  /** Null where nobody types: lines are taken as they come, and nothing is echoed. */
  readonly terminal: TypingTerminal | null
}

type TypingTerminal = NodeJS.WritableStream & { readonly columns?: number }

/**
 * What somebody types, line by line. From a line until the next one is asked for, nothing is echoed, so that
 * it cannot get into an answer: what was typed meanwhile stands behind the next prompt, and lines that were
 * ended are taken in turn.
 */
export class TypedLines {
  readonly #echo: HeldEcho | null
  readonly #lines: Interface
  readonly #ended: string[] = []
  #isClosed = false
  #take: ((line: string | null) => void) | null = null

  constructor({ input, terminal }: TypedLinesOptions) {
    this.#echo = terminal === null ? null : new HeldEcho(terminal)
    this.#lines = createInterface({
      input,
      ...(this.#echo !== null && { output: this.#echo, terminal: true, prompt: PROMPT }),
    })
    this.#lines.on('line', (line) => {
      if (!this.#deliver(line)) this.#ended.push(line)
    })
    this.#lines.on('close', () => {
      this.#isClosed = true
      this.#deliver(null)
    })
  }

  /** Ctrl+C, while the terminal sends it as a key. */
  onInterrupt(interrupted: () => void): void {
    this.#lines.on('SIGINT', interrupted)
  }

  /** No line comes any more. */
  close(): void {
    this.#lines.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (let line = await this.#next(); line !== null; line = await this.#next()) yield line
  }

  async #next(): Promise<string | null> {
    const ended = this.#ended.shift()
    if (ended !== undefined) {
      this.#echo?.show(`${PROMPT}${ended}\n`)
      return ended
    }
    if (this.#isClosed) return null
    const line = new Promise<string | null>((resolve) => {
      this.#take = resolve
    })
    this.#prompt()
    return line
  }

  /** Gives a line to who waits for one. */
  #deliver(line: string | null): boolean {
    const take = this.#take
    if (take === null) return false
    this.#take = null
    if (this.#echo !== null) this.#echo.isHeld = true
    take(line)
    return true
  }

  /** Shows the prompt, and behind it what was typed so far. */
  #prompt(): void {
    if (this.#echo === null) return
    const typed = this.#lines.line
    // Emptied while nothing is shown: it would be drawn over the answer, by as many rows as it has
    this.#lines.write(null, { ctrl: true, name: 'e' })
    this.#lines.write(null, { ctrl: true, name: 'u' })
    this.#echo.isHeld = false
    this.#lines.prompt()
    if (typed !== '') this.#lines.write(typed)
  }
}

/** A terminal as readline writes to it, silent for as long as it is held. */
class HeldEcho extends Writable {
  readonly #terminal: TypingTerminal
  isHeld = true

  constructor(terminal: TypingTerminal) {
    super({ decodeStrings: false })
    this.#terminal = terminal
    terminal.on('resize', () => this.emit('resize'))
  }

  get columns(): number {
    return this.#terminal.columns ?? Number.POSITIVE_INFINITY
  }

  /** Writes whether it is held or not. */
  show(text: string): void {
    this.#terminal.write(text)
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isHeld) this.#terminal.write(text)
    done()
  }
}
