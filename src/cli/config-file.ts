import { fileURLToPath } from 'node:url'
import { readEnvironment } from '../config/environment.ts'

const shippedConfig = fileURLToPath(new URL('../../config/default.yaml', import.meta.url))

/** The configuration file of a command: the option, else COSTEER_CONFIG, else the one that comes with the program. */
export function configFile(option: string | undefined): string {
  return option ?? readEnvironment().configFile ?? shippedConfig
}
