import type { CallPart, CallReader } from './call-reader.ts'
import { JsonCalls } from './json-calls.ts'
import {
  type ArgumentTypes,
  argumentJson,
  argumentTypes,
  isText,
  type OfferedTools,
} from './offered-tools.ts'
import type { CallTags } from './tool-call-syntax.ts'

type Place = 'outside' | 'name' | 'inside' | 'key' | 'attributes' | 'value' | 'nothing'

/** DeepSeek says of each value whether it is a string. */
const STRING_ATTRIBUTE = /string="(true|false)"/
const stringTypes: ArgumentTypes = new Set(['string'])

/**
 * Calls whose arguments have tags of their own. They become one JSON object, typed by the tool's schema;
 * strings are passed on as they come. A block of JSON, which such models write at times, is read by
 * `JsonCalls`.
 */
export class TaggedCalls implements CallReader {
  readonly #tags: CallTags
  readonly #tools: OfferedTools
  #place: Place
  /** Text that is not taken yet. */
  #rest = ''
  #json: JsonCalls | null = null
  #parts: CallPart[] = []
  #calls = 0
  #name = ''
  #key = ''
  #types: ArgumentTypes = null
  #arguments = 0
  /** The present value's string has been begun in the arguments. */
  #inString = false
  #isOver = false

  /** `opener` has opened the block, and may be the first call's tag itself. */
  constructor(tags: CallTags, { opener, tools }: { opener: string; tools: OfferedTools }) {
    this.#tags = tags
    this.#tools = tools
    this.#place = tags.callOpen === '' || tags.callOpen === opener ? 'name' : 'outside'
  }

  get failed(): boolean {
    return this.#json?.failed ?? (this.#calls === 0 && (this.#isOver || this.#place === 'nothing'))
  }

  push(text: string): readonly CallPart[] {
    if (this.#json !== null) return this.#json.push(text)
    this.#rest += text
    this.#parts = []
    if (this.#calls === 0 && this.#rest.trimStart().startsWith('{')) {
      this.#json = new JsonCalls(() => true)
      return this.#json.push(this.#rest)
    }
    while (this.#step());
    return this.#parts
  }

  end(): readonly CallPart[] {
    if (this.#json !== null) return this.#json.end()
    this.#parts = []
    const name = this.#rest.trim()
    if (this.#place === 'name' && this.#tags.nameEnd === '' && name !== '') this.#begin(name)
    else if (this.#place === 'value') this.#endValue(this.#rest)
    if (this.#place !== 'outside' && this.#place !== 'name' && this.#place !== 'nothing') this.#endCall()
    this.#isOver = true
    return this.#parts
  }

  /** Takes what it can of the text; false once it needs more. */
  #step(): boolean {
    const { callOpen, nameEnd, callClose, keyOpen, keyEnd, valueOpen, valueEnd } = this.#tags
    switch (this.#place) {
      case 'outside':
        return this.#seekCall(callOpen)
      case 'name':
        return this.#until(nameEnd || keyOpen, (name) => {
          if (nameEnd === '') this.#rest = keyOpen + this.#rest
          this.#begin(name.trim())
        })
      case 'inside':
        return this.#seekKey(keyOpen, callClose)
      case 'key':
        return this.#until(keyEnd, (key) => {
          this.#key = key.trim()
          this.#types = argumentTypes(this.#tools, this.#name, this.#key)
          this.#place = 'attributes'
        })
      case 'attributes':
        return this.#until(valueOpen, (attributes) => this.#beginValue(attributes))
      case 'value':
        if (this.#until(valueEnd, (value) => this.#endValue(value))) return true
        if (isText(this.#types)) this.#passOn(valueEnd)
        return false
      case 'nothing':
        this.#rest = ''
        return false
      default:
        return this.#place satisfies never
    }
  }

  /** Takes the text in front of `mark` and the mark. */
  #until(mark: string, take: (text: string) => void): boolean {
    const at = this.#rest.indexOf(mark)
    if (at === -1) return false
    const text = this.#rest.slice(0, at)
    this.#rest = this.#rest.slice(at + mark.length)
    take(text)
    return true
  }

  #seekCall(callOpen: string): boolean {
    if (this.#until(callOpen, () => {})) {
      this.#place = 'name'
      return true
    }
    const text = this.#rest.trimStart()
    if (this.#calls === 0 && !callOpen.startsWith(text)) this.#place = 'nothing'
    return false
  }

  #seekKey(keyOpen: string, callClose: string): boolean {
    const key = this.#rest.indexOf(keyOpen)
    const close = callClose === '' ? -1 : this.#rest.indexOf(callClose)
    if (close !== -1 && (key === -1 || close < key)) {
      this.#rest = this.#rest.slice(close + callClose.length)
      this.#endCall()
      return true
    }
    if (key === -1) return false
    this.#rest = this.#rest.slice(key + keyOpen.length)
    this.#place = 'key'
    return true
  }

  #begin(name: string): void {
    this.#place = name === '' ? 'nothing' : 'inside'
    if (name === '') return
    this.#name = name
    this.#calls++
    this.#arguments = 0
    this.#parts.push({ type: 'call-start', name, id: null })
    this.#say('{')
  }

  #beginValue(attributes: string): void {
    const isString = STRING_ATTRIBUTE.exec(attributes)?.[1]
    if (isString !== undefined) this.#types = isString === 'true' ? stringTypes : null
    this.#place = 'value'
    this.#say(`${this.#arguments++ === 0 ? '' : ','}${JSON.stringify(this.#key)}:`)
    this.#inString = false
  }

  /** Passes on a string's text but for what may belong to the tag behind it. */
  #passOn(valueEnd: string): void {
    const held = this.#tags.valueInLines ? `\n${valueEnd}` : valueEnd
    let keep = Math.min(held.length, this.#rest.length)
    while (keep > 0 && !mayEnd(this.#rest.slice(-keep), held, valueEnd)) keep--
    const ready = this.#rest.slice(0, this.#rest.length - keep)
    if (ready === '') return
    this.#rest = this.#rest.slice(ready.length)
    this.#sayString(ready)
  }

  #endValue(text: string): void {
    const isLine = this.#tags.valueInLines && text.endsWith('\n') && (this.#inString || text.length > 1)
    const value = isLine ? text.slice(0, -1) : text
    if (isText(this.#types)) {
      this.#sayString(value)
      this.#say('"')
    } else this.#say(argumentJson(this.#inLine(value), this.#types))
    this.#place = 'inside'
  }

  #sayString(text: string): void {
    const value = this.#inString ? text : this.#inLine(text)
    this.#say(`${this.#inString ? '' : '"'}${JSON.stringify(value).slice(1, -1)}`)
    this.#inString = true
  }

  #inLine(text: string): string {
    return this.#tags.valueInLines && text.startsWith('\n') ? text.slice(1) : text
  }

  #endCall(): void {
    this.#say('}')
    this.#parts.push({ type: 'call-end' })
    this.#place = this.#tags.callOpen === '' ? 'nothing' : 'outside'
  }

  #say(text: string): void {
    if (text !== '') this.#parts.push({ type: 'call-arguments', text })
  }
}

function mayEnd(tail: string, held: string, valueEnd: string): boolean {
  return held.startsWith(tail) || valueEnd.startsWith(tail)
}
