import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Collects the garbage of this thread now, which holds it up for some tens of milliseconds: for moments that
 * leave much of it behind, after which the collector by itself would let the heap grow first. Nothing happens
 * where another thread does so at the same moment.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  // The flag is the process's: another thread may have cleared it meanwhile
  const collect = runInNewContext('globalThis.gc') as (() => void) | undefined
  setFlagsFromString('--no-expose-gc')
  collect?.()
}
