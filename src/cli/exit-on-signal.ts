export interface ExitOnSignal {
  /** What has to end before the process does; until it is given, there is nothing. */
  after(finish: () => Promise<void>): void
}

/**
 * Ends the process with exit code 0 on SIGTERM or SIGINT. Call it before anything slow: process 1 of a container ignores
 * both signals until somebody listens to them.
 */
export function exitOnSignal(): ExitOnSignal {
  let finish = async () => {}
  const end = () => void finish().then(() => process.exit(0))
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  return {
    after(last) {
      finish = last
    },
  }
}
