import { eventLoopTurn } from './event-loop-turn.ts'
import type { SlicedWork } from './sliced-work.ts'

/** A stream of answers that is held up so long shows nothing of it. */
const SLICE_MS = 5

/** Work on the thread that serves, some milliseconds at a stretch, so that streams of answers go on. */
export class WorkSlices {
  #began = performance.now()

  /** Whether it is the others' turn. */
  get isOver(): boolean {
    return performance.now() - this.#began > SLICE_MS
  }

  /** Lets them do theirs, other sliced work too. */
  async pause(): Promise<void> {
    await eventLoopTurn()
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

/**
 * What the work comes to, in slices; short work is done at once. Rejects with what it throws, or with the
 * signal's reason.
 */
export async function runInSlices<Result>(work: SlicedWork<Result>, signal?: AbortSignal): Promise<Result> {
  const slices = new WorkSlices()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    if (!slices.isOver) continue
    await slices.pause()
    signal?.throwIfAborted()
  }
}
