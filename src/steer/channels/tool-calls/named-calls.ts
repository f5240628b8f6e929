import type { CallPart, CallReader } from './call-reader.ts'
import { JsonCalls } from './json-calls.ts'
import { JsonValueEnd } from './json-value-end.ts'

/**
 * Calls whose name stands in front of their arguments' JSON, which is passed on as the model writes it. A
 * block that begins with JSON is read by `JsonCalls`: older Mistral models write a list.
 */
export class NamedCalls implements CallReader {
  readonly #header: RegExp
  /** What stands in front of the next arguments, from the block's opener on. */
  #before: string
  #isBegun = false
  #json: JsonCalls | null = null
  #arguments: JsonValueEnd | null = null
  #calls = 0
  #isOver = false

  constructor(header: RegExp, opener: string) {
    this.#header = header
    this.#before = opener
  }

  get failed(): boolean {
    return this.#json?.failed ?? (this.#isOver && this.#calls === 0)
  }

  push(text: string): readonly CallPart[] {
    const from = this.#isBegun ? 0 : text.search(/\S|$/)
    if (!this.#isBegun && from < text.length) {
      this.#isBegun = true
      if (text[from] === '[' || text[from] === '{') this.#json = new JsonCalls(() => true)
    }
    if (this.#json !== null) return this.#json.push(text.slice(from))
    const parts: CallPart[] = []
    for (let at = from; at < text.length && !this.#isOver; ) at = this.#take(text, at, parts)
    return parts
  }

  end(): readonly CallPart[] {
    if (this.#json !== null) return this.#json.end()
    this.#isOver = true
    return this.#arguments === null ? [] : [{ type: 'call-end' }]
  }

  #take(text: string, at: number, parts: CallPart[]): number {
    if (this.#arguments !== null) {
      const end = this.#arguments.take(text, at)
      parts.push({ type: 'call-arguments', text: text.slice(at, end === -1 ? text.length : end) })
      if (end === -1) return text.length
      parts.push({ type: 'call-end' })
      this.#arguments = null
      return end
    }
    const brace = text.indexOf('{', at)
    this.#before += text.slice(at, brace === -1 ? text.length : brace)
    if (brace === -1) return text.length
    const { name, id } = this.#header.exec(this.#before)?.groups ?? {}
    this.#before = ''
    this.#isOver = name === undefined
    if (name === undefined) return text.length
    parts.push({ type: 'call-start', name, id: id ?? null })
    this.#calls++
    this.#arguments = new JsonValueEnd()
    return brace
  }
}
