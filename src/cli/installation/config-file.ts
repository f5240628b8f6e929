import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { type Environment, readEnvironment } from '../../environment.ts'
import { copyExampleProfiles } from './example-profiles.ts'
import { isInstalledPackage, shippedConfig } from './shipped-files.ts'

export interface CommandConfigOptions {
  /** Whether the program is an installed package; default: found out. */
  readonly installed?: boolean
  /** Whether an installed package may put its examples into the user's profile folder; default: true. */
  readonly seed?: boolean
}

/**
 * Loads the configuration of a command. The shipped one of an installed package has its profiles in the
 * user's configuration folder, since an update replaces the package's: the examples are copied there the
 * first time.
 */
export async function loadCommandConfig(
  option: string | undefined,
  { installed = isInstalledPackage, seed = true }: CommandConfigOptions = {},
): Promise<LoadedConfig> {
  const environment = readEnvironment()
  const loaded = await loadConfig(configFile(option, environment))
  if (!installed || loaded.file !== shippedConfig('embedded')) return loaded
  const profileFolder = join(environment.configHome, 'profiles')
  // Without a place to write to, the gateway runs all the same and reports that the folder is missing.
  if (seed && !existsSync(profileFolder)) await copyExampleProfiles(profileFolder).catch(() => {})
  return { ...loaded, profileFolder }
}

/** The option, else COSTEER_CONFIG, else the file that `costeer init` writes, else the shipped one. */
function configFile(option: string | undefined, environment: Environment): string {
  const named = option ?? environment.configFile
  if (named !== undefined) return named
  const own = join(environment.configHome, 'config.yaml')
  return existsSync(own) ? own : shippedConfig('embedded')
}
