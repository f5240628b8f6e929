import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitOnSignals } from './exit-on-signals.ts'

/**
 * Does `work` with a new folder whose name begins with `prefix`. It is gone afterwards, also where a signal
 * ends the process in the middle.
 */
export async function inTemporaryFolder<Result>(
  prefix: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  exitOnSignals()
  const folder = await mkdtemp(join(tmpdir(), prefix))
  // A program that was killed just now may have the last of its files still open
  const remove = () => rmSync(folder, { recursive: true, maxRetries: 5 })
  process.once('exit', remove)
  try {
    return await work(folder)
  } finally {
    process.off('exit', remove)
    remove()
  }
}
