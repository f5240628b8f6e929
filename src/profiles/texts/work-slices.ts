import { setImmediate } from 'node:timers/promises'

/** A stream of answers that is held up so long shows nothing of it. */
const SLICE_MS = 5

/** Work on the thread that serves, some milliseconds at a stretch, so that streams of answers go on. */
export class WorkSlices {
  #began = performance.now()

  /** Whether it is the others' turn. */
  get isOver(): boolean {
    return performance.now() - this.#began > SLICE_MS
  }

  /** Lets them do theirs. */
  async pause(): Promise<void> {
    await setImmediate()
    this.#began = performance.now()
  }
}

/** What a function makes of each item, in slices. */
export async function inSlices<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  const slices = new WorkSlices()
  for (const item of items) {
    results.push(work(item))
    if (slices.isOver) await slices.pause()
  }
  return results
}
