// This room owns what belongs to this installation: the files that came with the program, its version, and
// the user's own configuration. It must not know what the configuration says.

import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UpstreamKind } from '../../upstream/kinds.ts'
import { shippedNames } from './own-manifest.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The configuration that comes with the program for a kind of upstream. */
export function shippedConfig(kind: UpstreamKind): string {
  return `${root}config/${kind === 'embedded' ? 'default' : kind}.yaml`
}

/** The program itself, for `node`. */
export const programFile = `${root}dist/main.js`

/** The JSON schema of configuration files, for editors. */
export const shippedSchema = `${root}config/schema.json`

/** Files of the invented people that come with the program; a clone's folder may hold others beside them. */
export function shippedProfiles(): string[] {
  return shippedNames()
    .filter((name) => name.startsWith('profiles/'))
    .map((name) => root + name)
}

/** Whether the program is an installed package, whose folder the next update replaces. */
export const isInstalledPackage = root.split(sep).includes('node_modules')
