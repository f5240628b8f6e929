import { createHmac } from 'node:crypto'

const BYTES_A_CHOICE = 6

/** Choices that look random to whoever lacks the key, and are the same each time for whoever has it. */
export class KeyedChoice {
  readonly #key: Uint8Array
  readonly #label: string
  #count = 0
  /** Of each digest several choices are made: it is most of what an alias costs. */
  #digest = Buffer.alloc(0)
  #used = 0

  constructor(key: Uint8Array, label: string) {
    this.#key = key
    this.#label = label
  }

  /** From 0 to below `count`. */
  below(count: number): number {
    if (this.#used + BYTES_A_CHOICE > this.#digest.length) this.#next()
    const number = this.#digest.readUIntBE(this.#used, BYTES_A_CHOICE)
    this.#used += BYTES_A_CHOICE
    return number % count
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  #next(): void {
    this.#digest = createHmac('sha512', this.#key)
      .update(`${this.#count++}\0${this.#label}`)
      .digest()
    this.#used = 0
  }
}
