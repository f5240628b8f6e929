import { readFileSync } from 'node:fs'
import { z } from 'zod'

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  files: z.array(z.string()),
  engines: z.object({ node: z.string() }),
})

function readManifest() {
  return manifestSchema.parse(
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')),
  )
}

/** This program's version, from its package.json. */
export function ownVersion(): string {
  return readManifest().version
}

/** What npm calls this program. */
export function ownName(): string {
  return readManifest().name
}

/** The range of Node versions that it runs on, such as `>=20.19`. */
export function wantedNode(): string {
  return readManifest().engines.node
}

/** Files and folders that are packed with the program, from its root on. */
export function shippedNames(): readonly string[] {
  return readManifest().files
}
