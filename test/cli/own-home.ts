import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { importableGguf } from '../models/importable-model.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'

/** Until the test ends, commands have a home without models; `file`, beside it, can be imported. */
export function ownHome(): { readonly folder: string; readonly file: string } {
  const folder = temporaryFolder()
  vi.stubEnv('COSTEER_HOME', join(folder, 'home'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const file = join(folder, 'tiny.gguf')
  writeFileSync(file, importableGguf())
  return { folder, file }
}
