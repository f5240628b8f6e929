import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const manifestSchema = z.object({ version: z.string() })

/** This program's version, from its package.json. */
export async function ownVersion(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return manifestSchema.parse(JSON.parse(manifest)).version
}
