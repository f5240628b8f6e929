import { AsyncLocalStorage } from 'node:async_hooks'

const callers = new AsyncLocalStorage<string>()

/** Runs something on behalf of a caller; what it queues takes turns with what other callers queue. */
export function onBehalfOf<T>(caller: string, run: () => T): T {
  return callers.run(caller, run)
}

/** A queue in which callers take turns, so that nobody who asks for much holds up the others. */
export class CallerQueue<Item> {
  /** In the order of their turns; none is empty. */
  readonly #byCaller = new Map<string, Item[]>()

  /** Adds an item of the caller on whose behalf this runs. */
  add(item: Item): void {
    const caller = callers.getStore() ?? ''
    const waiting = this.#byCaller.get(caller)
    if (waiting === undefined) this.#byCaller.set(caller, [item])
    else waiting.push(item)
  }

  /** Takes out the first item of the caller whose turn it is. */
  next(): Item | undefined {
    const [turn] = this.#byCaller
    if (turn === undefined) return undefined
    const [caller, [item, ...rest]] = turn
    this.#byCaller.delete(caller)
    if (rest.length > 0) this.#byCaller.set(caller, rest)
    return item
  }

  remove(item: Item): void {
    for (const [caller, waiting] of this.#byCaller) {
      const rest = waiting.filter((other) => other !== item)
      if (rest.length === 0) this.#byCaller.delete(caller)
      else if (rest.length < waiting.length) this.#byCaller.set(caller, rest)
    }
  }

  /** Takes out everything. */
  drain(): Item[] {
    const items = [...this.#byCaller.values()].flat()
    this.#byCaller.clear()
    return items
  }
}
