/** A queue with one reader that can sleep until something arrives. */
export class Mailbox<T> {
  #items: T[] = []
  #wake: (() => void) | null = null

  put(item: T): void {
    this.#items.push(item)
    this.wake()
  }

  /** Ends the reader's sleep without an item. */
  wake(): void {
    this.#wake?.()
    this.#wake = null
  }

  /** Everything that has arrived, oldest first. */
  takeAll(): T[] {
    const items = this.#items
    this.#items = []
    return items
  }

  /** Resolves at once when something is there, else with the next arrival or `wake`. */
  arrival(): Promise<void> {
    if (this.#items.length > 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
