import { setImmediate } from 'node:timers/promises'

let turns: Promise<void> = Promise.resolve()

/**
 * Resolves in a turn of the event loop that nobody else got, so that the steps of several large requests,
 * each some tens of milliseconds long, leave room for all other requests between them.
 */
export function eventLoopTurn(): Promise<void> {
  turns = turns.then(() => setImmediate())
  return turns
}
