import { setImmediate } from 'node:timers/promises'

/** A stream of answers that is held up so long shows nothing of it. */
const SLICE_MS = 5

/** What a function makes of each item, some milliseconds at a stretch, so that streams of answers go on. */
export async function inSlices<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  let slice = performance.now()
  for (const item of items) {
    results.push(work(item))
    if (performance.now() - slice <= SLICE_MS) continue
    await setImmediate()
    slice = performance.now()
  }
  return results
}
