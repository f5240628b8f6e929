/**
 * Work that stops now and then, well below a millisecond apart, so that whoever runs it may let others go
 * first: `runInSlices` does so for work on the thread that serves, `runWhole` for all else.
 */
export type SlicedWork<Result> = Generator<void, Result, void>

/** What the work comes to, in one go. Throws what it throws. */
export function runWhole<Result>(work: SlicedWork<Result>): Result {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
