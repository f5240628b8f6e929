import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readEnvironment } from '../../src/environment.ts'

const run = promisify(execFile)

/**
 * The folder of the programs of a virtual environment that holds the packages of a
 * requirements file. It is made in the cache folder the first time, which takes a minute
 * and the network. Rejects with a sentence that says what is missing.
 */
export async function pythonPackages(name: string, requirements: URL): Promise<string> {
  const folder = join(readEnvironment().costeerHome, 'test-python', name)
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin')
  const text = await readFile(requirements, 'utf8')
  const stamp = join(folder, `installed-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
  if (existsSync(stamp)) return programs
  await mkdir(folder, { recursive: true })
  await step(
    'python3',
    ['-m', 'venv', folder],
    'Python 3 with its venv module is needed: install python3-venv.',
  )
  const install = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements.pathname]
  await step(
    join(programs, 'python'),
    install,
    'pip could not install the packages: check the network and its index.',
  )
  await writeFile(stamp, text)
  return programs
}

async function step(program: string, parameters: readonly string[], missing: string): Promise<void> {
  await run(program, parameters).catch((cause: unknown) => {
    throw new Error(missing, { cause })
  })
}
