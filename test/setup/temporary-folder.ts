import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new folder that goes when the test ends; for tests, and for what is done before each. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
