import { createHmac } from 'node:crypto'

/** Choices that look random to whoever lacks the key, and are the same each time for whoever has it. */
export class KeyedChoice {
  readonly #key: Uint8Array
  readonly #label: string
  #count = 0

  constructor(key: Uint8Array, label: string) {
    this.#key = key
    this.#label = label
  }

  /** From 0 to below `count`. */
  below(count: number): number {
    const digest = createHmac('sha256', this.#key)
      .update(`${this.#count++}\0${this.#label}`)
      .digest()
    return digest.readUIntBE(0, 6) % count
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }
}
