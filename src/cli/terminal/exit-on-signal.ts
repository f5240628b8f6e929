import { endWorkers } from '../../slm/engine/worker-link.ts'
import { endProcess } from './end-process.ts'
import { killAfter } from './kill-after.ts'

export interface ExitOnSignal {
  /**
   * What has to end before the process does, and how long that may take; until it is given, there is nothing.
   */
  after(finish: () => Promise<void>, limit: { readonly withinMs: number }): void
  /** Rejects with `failure`, unless the process is about to end: what fails then fails because of that. */
  failed(failure: unknown): Promise<never>
}

/** For what runs before there is anything to finish: a model that is being loaded. */
const BEFORE_WORK_MS = 8_000

/**
 * Ends the process with exit code 0 on SIGTERM or SIGINT, and by force when that takes too long; the next
 * signal ends it at once. Call it before anything slow: process 1 of a container ignores both signals until
 * somebody listens to them.
 */
export function exitOnSignal(): ExitOnSignal {
  let finish = async () => {}
  let withinMs = BEFORE_WORK_MS
  let isEnding = false
  const end = async () => {
    isEnding = true
    for (const signal of signals) process.off(signal, onSignal)
    killAfter(withinMs)
    try {
      await finish()
    } finally {
      await endWorkers()
    }
    endProcess(0)
  }
  const onSignal = () => void end()
  for (const signal of signals) process.on(signal, onSignal)
  return {
    after(last, limit) {
      finish = last
      withinMs = limit.withinMs
    },
    failed: (failure) => (isEnding ? new Promise(() => {}) : Promise.reject(failure)),
  }
}

const signals = ['SIGTERM', 'SIGINT'] as const
