/** Finds where a JSON value that arrives in pieces ends. What is in it is not checked. */
export class JsonValueEnd {
  #depth = 0
  #kind: 'none' | 'string' | 'nested' | 'scalar' = 'none'
  #quoted = false
  #escaped = false

  /** The index behind the value's last character in `text`, read from `from`; -1 while the value goes on. */
  take(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const end = this.#read(text[at] as string)
      if (end !== null) return at + end
    }
    return -1
  }

  /** 1 when the value ends behind `character`, 0 when it ended before it. */
  #read(character: string): 0 | 1 | null {
    if (this.#quoted) {
      if (this.#escaped) this.#escaped = false
      else if (character === '\\') this.#escaped = true
      else if (character === '"') {
        this.#quoted = false
        if (this.#kind === 'string') return 1
      }
      return null
    }
    if (this.#kind === 'none') {
      if (/\s/.test(character)) return null
      this.#kind = character === '"' ? 'string' : /[[{]/.test(character) ? 'nested' : 'scalar'
    } else if (this.#kind === 'scalar') {
      return /[\s,}\]]/.test(character) ? 0 : null
    }
    if (character === '"') this.#quoted = true
    else if (character === '{' || character === '[') this.#depth++
    else if ((character === '}' || character === ']') && --this.#depth === 0) return 1
    return null
  }
}
