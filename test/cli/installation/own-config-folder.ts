import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

/** Until the test ends, the user has written no configuration: the folder where it would be. */
export function ownConfigFolder(): string {
  const folder = temporaryFolder()
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  vi.stubEnv('COSTEER_CONFIG', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  return folder
}
