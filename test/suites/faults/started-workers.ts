import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'

export interface StartedWorkers {
  /** Those that still run, in the order of their start. */
  running(): Worker[]
  stop(): void
}

/** Follows the worker threads that this process starts from now on. */
export function startedWorkers(): StartedWorkers {
  const running = new Set<Worker>()
  const onStart = (message: unknown) => {
    const { worker } = message as { worker: Worker }
    running.add(worker)
    worker.on('exit', () => running.delete(worker))
  }
  subscribe('worker_threads', onStart)
  return { running: () => [...running], stop: () => unsubscribe('worker_threads', onStart) }
}
