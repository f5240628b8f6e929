import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/steer/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/**
 * A clock that stands still while anything computes and jumps to the next awaited moment
 * otherwise: a deterministic discrete-event simulation of code that waits by promises.
 */
export class VirtualTime implements Clock {
  #nowMs = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#nowMs
  }

  /** Resolves at `atMs`, or now if that is past; rejects with the signal's reason. */
  until(atMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const sleeper = {
        atMs,
        wake: () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  after(ms: number, signal?: AbortSignal): Promise<void> {
    return this.until(this.#nowMs + ms, signal)
  }

  /** Lets time pass until `work` is settled. Throws when it waits for something that will never happen. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false
    const done = () => {
      settled = true
    }
    work.then(done, done)
    for (;;) {
      // One turn of the event loop empties the queue of microtasks.
      await setImmediate()
      if (settled) return work
      if (this.#sleepers.length === 0) throw new Error('the simulated work waits for nothing')
      this.#wakeNext()
    }
  }

  /** All that is due at the next moment, as one event. */
  #wakeNext(): void {
    this.#nowMs = Math.max(
      this.#nowMs,
      this.#sleepers.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY),
    )
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.#nowMs)
    this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.#nowMs)
    for (const { wake } of due) wake()
  }
}
