import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives a whole run one temporary folder, so that nothing of it stays behind on the machine. */
export default async function temporaryFiles(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'costeer-tests-'))
  // The user of the image passes through to a folder of its own.
  await chmod(folder, 0o711)
  process.env.TMPDIR = folder
  return () => rm(folder, { recursive: true, force: true })
}
