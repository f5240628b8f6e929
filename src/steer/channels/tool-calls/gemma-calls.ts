import { jsonValue } from '../../../json-value.ts'
import type { CallPart, CallReader } from './call-reader.ts'

const HEADER = /^\s*call:(?<name>[^\s{]+)\s*$/
/** Stands around strings. */
const QUOTE = '<|"|>'

/** Gemma 4's calls: `call:name{key:<|"|>text<|"|>,count:2,list:[true]}`. They become one JSON object. */
export class GemmaCalls implements CallReader {
  #parts: CallPart[] = []
  /** Text that is not taken yet. */
  #rest = ''
  #isBegun = false
  #isOver = false
  /** What is open around the present place, innermost last. */
  readonly #open: ('{' | '[')[] = []
  #inString = false
  #atKey = true

  get failed(): boolean {
    return this.#isOver && !this.#isBegun
  }

  push(text: string): readonly CallPart[] {
    this.#parts = []
    this.#rest += text
    if (!this.#isBegun && !this.#isOver) this.#takeHeader()
    while (this.#isBegun && !this.#isOver && this.#step());
    return this.#parts
  }

  end(): readonly CallPart[] {
    this.#parts = []
    if (this.#isBegun && !this.#isOver) this.#parts.push({ type: 'call-end' })
    this.#isOver = true
    return this.#parts
  }

  #takeHeader(): void {
    const brace = this.#rest.indexOf('{')
    if (brace === -1) return
    const name = HEADER.exec(this.#rest.slice(0, brace))?.groups?.name
    this.#rest = this.#rest.slice(brace)
    if (name === undefined) {
      this.#isOver = true
      return
    }
    this.#isBegun = true
    this.#parts.push({ type: 'call-start', name, id: null })
  }

  /** Takes what it can of the text; false once it needs more. */
  #step(): boolean {
    if (this.#inString) return this.#takeString()
    const mark = this.#rest[0]
    if (mark === undefined) return false
    if (mark === '{' || mark === '[') {
      this.#open.push(mark)
      this.#atKey = mark === '{'
      return this.#passOn(mark)
    }
    if (mark === '}' || mark === ']') {
      this.#open.pop()
      this.#passOn(mark)
      if (this.#open.length > 0) return true
      this.#isOver = true
      this.#parts.push({ type: 'call-end' })
      return false
    }
    if (mark === ',') {
      this.#atKey = this.#open.at(-1) === '{'
      return this.#passOn(mark)
    }
    // A colon is left over behind a key in quotes
    return /[\s:]/.test(mark) ? this.#skip(1) : this.#takeWord()
  }

  /** A key, a bare value, or the quote in front of a string. */
  #takeWord(): boolean {
    if (this.#rest.startsWith(QUOTE)) {
      this.#inString = true
      this.#say('"')
      return this.#skip(QUOTE.length)
    }
    if (QUOTE.startsWith(this.#rest)) return false
    const end = this.#rest.search(this.#atKey ? /[:}]/ : /[,}\]\s]/)
    if (end === -1) return false
    const word = this.#rest.slice(0, end).trim()
    const isKey = this.#atKey && this.#rest[end] === ':'
    this.#say(isKey ? `${JSON.stringify(word)}:` : bareValue(word))
    this.#atKey = false
    return this.#skip(end + (isKey ? 1 : 0))
  }

  #takeString(): boolean {
    const end = this.#rest.indexOf(QUOTE)
    let ready = end === -1 ? this.#rest.length : end
    if (end === -1) {
      const longest = Math.min(QUOTE.length - 1, this.#rest.length)
      for (let keep = longest; keep > 0; keep--) {
        if (!QUOTE.startsWith(this.#rest.slice(-keep))) continue
        ready = this.#rest.length - keep
        break
      }
    }
    this.#say(JSON.stringify(this.#rest.slice(0, ready)).slice(1, -1))
    this.#rest = this.#rest.slice(ready)
    if (end === -1) return false
    this.#inString = false
    this.#say(this.#atKey ? '":' : '"')
    this.#atKey = false
    return this.#skip(QUOTE.length)
  }

  #passOn(mark: string): boolean {
    this.#say(mark)
    return this.#skip(1)
  }

  #skip(length: number): boolean {
    this.#rest = this.#rest.slice(length)
    return true
  }

  #say(text: string): void {
    if (text !== '') this.#parts.push({ type: 'call-arguments', text })
  }
}

function bareValue(word: string): string {
  return jsonValue(word) === undefined ? JSON.stringify(word) : word
}
