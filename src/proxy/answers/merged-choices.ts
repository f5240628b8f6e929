import type { AnswerEvent } from '../../gateway/answer.ts'

export interface ChoiceEvent {
  /** Index of the choice, from 0. */
  readonly choice: number
  readonly event: AnswerEvent
}

export interface MergedChoices {
  /**
   * The next event of any choice, or null once all have ended. Rejects with a choice's error or the signal's
   * reason.
   */
  next(): Promise<ChoiceEvent | null>
  /** Stops the choices that still run. */
  close(): void
}

/**
 * Joins the event streams of all choices in the order in which events come. Each choice is at most one event
 * ahead of the reader, so that a slow client slows the decoding down. An abort ends a pending `next` even
 * when a stream ignores it.
 */
export function mergedChoices(
  streams: readonly AsyncIterable<AnswerEvent>[],
  signal: AbortSignal,
): MergedChoices {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]())
  const ready: ChoiceEvent[] = []
  let running = iterators.length
  let started = false
  let failure: { readonly error: unknown } | null = null
  let wake = () => {}

  const fail = (error: unknown) => {
    failure ??= { error }
    wake()
  }
  const onAbort = () => {
    ready.length = 0
    fail(signal.reason)
  }
  const advance = (choice: number) => {
    const iterator = iterators[choice]
    iterator?.next().then(({ done, value }) => {
      if (done === true) running -= 1
      else ready.push({ choice, event: value })
      wake()
    }, fail)
  }
  const close = () => {
    signal.removeEventListener('abort', onAbort)
    for (const iterator of iterators) iterator.return?.().catch(() => {})
  }

  signal.addEventListener('abort', onAbort)
  return {
    close,
    async next() {
      signal.throwIfAborted()
      if (!started) for (const choice of iterators.keys()) advance(choice)
      started = true
      for (;;) {
        const first = ready.shift()
        if (first !== undefined) {
          advance(first.choice)
          return first
        }
        if (failure !== null) throw failure.error
        if (running === 0) return null
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
