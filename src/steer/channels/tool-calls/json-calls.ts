import { jsonValue } from '../../../json-value.ts'
import type { CallPart, CallReader } from './call-reader.ts'
import { JsonValueEnd } from './json-value-end.ts'

type Expectation = 'object' | 'key' | 'key-text' | 'colon' | 'value' | 'nothing'

const ARGUMENTS = /^(arguments|parameters)$/

/**
 * Calls that are JSON objects, one or a list of them: `{"name": "…", "arguments": {…}}`. Arguments are passed
 * on as the model writes them. Also takes `parameters` for `arguments`, OpenAI's `function` object around
 * both, and arguments that are a string with JSON in it.
 */
export class JsonCalls implements CallReader {
  readonly #isTool: (name: string) => boolean
  #expected: Expectation = 'object'
  #parts: CallPart[] = []
  #keyEnd = new JsonValueEnd()
  #valueEnd = new JsonValueEnd()
  /** The key or value so far, where it has to be whole; arguments are passed on at once. */
  #text = ''
  #key = ''
  /** Objects around the present key: 2 within `function`. */
  #depth = 0
  #name: string | null = null
  #id: string | null = null
  /** Arguments that came before the name. */
  #early = ''
  #hasArguments = false
  #inValue = false
  /** The value is an arguments object, passed on as it comes. */
  #isPassedOn = false
  #calls = 0
  #ended = false

  constructor(isTool: (name: string) => boolean) {
    this.#isTool = isTool
  }

  get failed(): boolean {
    return this.#calls === 0 && (this.#expected === 'nothing' || this.#ended)
  }

  push(text: string): readonly CallPart[] {
    this.#parts = []
    for (let at = 0; at < text.length && this.#expected !== 'nothing'; ) at = this.#take(text, at)
    return this.#parts
  }

  end(): readonly CallPart[] {
    this.#parts = []
    this.#ended = true
    if (this.#name !== null) this.#parts.push({ type: 'call-end' })
    this.#name = null
    return this.#parts
  }

  #take(text: string, at: number): number {
    if (this.#expected === 'value') return this.#takeValue(text, at)
    if (this.#expected === 'key-text') {
      const end = this.#keyEnd.take(text, at)
      this.#text += text.slice(at, end === -1 ? text.length : end)
      if (end === -1) return text.length
      this.#key = stringIn(this.#text) ?? ''
      this.#expected = 'colon'
      return end
    }
    if (this.#expected === 'key' && text[at] === '"') {
      this.#beginKey()
      return at
    }
    this.#takeMark(text[at] as string)
    return at + 1
  }

  #beginKey(): void {
    this.#expected = 'key-text'
    this.#keyEnd = new JsonValueEnd()
    this.#text = ''
  }

  #takeMark(mark: string): void {
    if (/\s/.test(mark)) return
    if (this.#expected === 'colon' && mark === ':') {
      this.#expected = 'value'
      this.#valueEnd = new JsonValueEnd()
      this.#inValue = false
      this.#text = ''
    } else if (this.#expected === 'object') {
      if (mark === '{') this.#beginObject()
      else if (!/[[\],;]/.test(mark)) this.#giveUp()
    } else if (this.#expected === 'key') {
      if (mark === '}') this.#endObject()
      else if (mark !== ',') this.#giveUp()
    } else this.#giveUp()
  }

  #beginObject(): void {
    this.#depth = 1
    this.#expected = 'key'
    this.#id = null
    this.#early = ''
    this.#hasArguments = false
  }

  #endObject(): void {
    this.#depth--
    if (this.#depth > 0) return
    if (this.#name === null) {
      this.#giveUp()
      return
    }
    if (!this.#hasArguments) this.#parts.push({ type: 'call-arguments', text: '{}' })
    this.#parts.push({ type: 'call-end' })
    this.#name = null
    this.#expected = 'object'
  }

  #takeValue(text: string, from: number): number {
    const at = this.#inValue ? from : from + text.slice(from).search(/\S|$/)
    if (at === text.length) return at
    if (!this.#inValue && this.#key === 'function' && text[at] === '{') {
      this.#depth++
      this.#expected = 'key'
      return at + 1
    }
    if (!this.#inValue) this.#isPassedOn = ARGUMENTS.test(this.#key) && text[at] !== '"'
    this.#inValue = true
    const end = this.#valueEnd.take(text, at)
    const piece = text.slice(at, end === -1 ? text.length : end)
    if (this.#isPassedOn) this.#say(piece)
    else this.#text += piece
    if (end === -1) return text.length
    this.#expected = 'key'
    if (!this.#isPassedOn) this.#keep(stringIn(this.#text))
    return end
  }

  /** A whole value other than an arguments object. */
  #keep(value: string | null): void {
    if (value === null) return
    if (ARGUMENTS.test(this.#key)) this.#say(value)
    else if (this.#key === 'id') this.#id = value
    else if (this.#key === 'name' || this.#key === 'function') this.#begin(value)
  }

  #begin(name: string): void {
    if (this.#name !== null) return
    if (name === '' || !this.#isTool(name)) {
      this.#giveUp()
      return
    }
    this.#name = name
    this.#calls++
    this.#parts.push({ type: 'call-start', name, id: this.#id })
    if (this.#early !== '') this.#say(this.#early)
  }

  #say(text: string): void {
    if (this.#name === null) this.#early += text
    else {
      this.#hasArguments = true
      this.#parts.push({ type: 'call-arguments', text })
    }
  }

  #giveUp(): void {
    if (this.#name !== null) this.#parts.push({ type: 'call-end' })
    this.#name = null
    this.#expected = 'nothing'
  }
}

function stringIn(json: string): string | null {
  const value = jsonValue(json)
  return typeof value === 'string' ? value : null
}
