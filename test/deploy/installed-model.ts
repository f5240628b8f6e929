import { execFile } from 'node:child_process'
import { chown, copyFile, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AssembledImage } from './assembled-image.ts'
import { asContainerUser, containerUser, runsAsRoot } from './container-user.ts'

const run = promisify(execFile)

/** Where the default model may lie on this machine. */
const known = [
  process.env.COSTEER_TEST_GGUF,
  join(homedir(), '.cache/costeer/models/smollm2-135m/model.gguf'),
  join(homedir(), '.cache/costeer-lab/models/SmolLM2-135M-Instruct.Q4_1.gguf'),
]

/**
 * Brings the default model into the cache of the image with the image's own commands, and
 * fetches it if need be.
 */
export async function installModel(image: AssembledImage): Promise<void> {
  const found = await firstFile(known)
  if (found === undefined) return costeer(image, ['pull'])
  const file = join(image.temporary, 'model.gguf')
  await copyFile(found, file)
  if (runsAsRoot) await chown(file, containerUser.uid, containerUser.gid)
  await costeer(image, ['import', file, '--name', 'smollm2-135m'])
  await rm(file)
}

async function costeer(image: AssembledImage, parameters: readonly string[]): Promise<void> {
  const [command = '', ...rest] = asContainerUser(['node', join(image.app, 'dist/main.js'), ...parameters])
  await run(command, rest, { cwd: '/', env: { PATH: process.env.PATH, ...image.environment } })
}

async function firstFile(paths: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (path !== undefined && (await stat(path).catch(() => null))?.isFile()) return path
  }
  return undefined
}
