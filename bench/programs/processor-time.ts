import { readFile } from 'node:fs/promises'

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10

/**
 * Processor time that a process has used so far, all its threads together; null where the
 * system does not tell.
 */
export async function processorMs(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // Behind the name, which is in brackets: state, ten more, then user and system time.
  const [user, system] = stat?.split(') ').at(-1)?.split(' ').slice(11, 13) ?? []
  return user === undefined ? null : (Number(user) + Number(system)) * TICK_MS
}
