import type { AnswerEvent } from '../answer.ts'

/** Steps of less than this are not told. */
const LEAST_STEP = 0.01

/** Which share of its prompts the local model has read, until somebody asks. */
export class ReadingShare {
  #share = 0
  #told = 0
  #wake = () => {}

  /** Resolves once there is more to tell. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#isNews()) resolve()
    })
  }

  readonly note = (share: number): void => {
    this.#share = share
    if (this.#isNews()) this.#wake()
  }

  /** The share, as an event. */
  take(): AnswerEvent {
    this.#told = this.#share
    return { type: 'profile-read', share: this.#share }
  }

  #isNews(): boolean {
    return this.#share - this.#told >= LEAST_STEP
  }
}

/** The same events; while none comes, what is read meanwhile. */
export async function* withReading(
  events: AsyncIterable<AnswerEvent>,
  reading: ReadingShare,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const iterator = events[Symbol.asyncIterator]()
  let isAtWork = false
  try {
    for (;;) {
      isAtWork = true
      const pending = iterator.next()
      const ready = () => true
      const isReady = pending.then(ready, ready)
      while (!(await Promise.race([isReady, reading.changed().then(() => false)]))) yield reading.take()
      const next = await pending
      isAtWork = false
      if (next.done === true) return
      yield next.value
    }
  } finally {
    const left = iterator.return?.()
    // Whoever leaves at a share does not wait for the event after it
    if (isAtWork) left?.catch(() => {})
    else await left
  }
}
