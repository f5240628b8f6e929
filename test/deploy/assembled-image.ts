import { execFile } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { asContainerUser, containerUser, runsAsRoot } from './container-user.ts'
import { copyOf, environmentOf, parseDockerfile, type Stage } from './dockerfile.ts'

const run = promisify(execFile)

/** The file system that the Dockerfile describes, below a temporary folder. */
export interface AssembledImage {
  /** Stands for `/app`; nobody may write to it. */
  readonly app: string
  /** Stands for the volume at COSTEER_HOME. */
  readonly cache: string
  /** Stands for `/tmp`. */
  readonly temporary: string
  /** What `ENV` sets, with the folders of this machine. */
  readonly environment: Readonly<Record<string, string>>
  remove(): Promise<void>
}

/**
 * Carries out the Dockerfile of the last commit: the build stage is run step by step as the image's user,
 * the runtime stage only copies. Steps of the runtime stage that change the system itself are left out.
 */
export async function assembleImage(): Promise<AssembledImage> {
  const root = await mkdtemp(join(tmpdir(), 'costeer-image-'))
  await chmod(root, 0o755)
  const context = join(root, 'context')
  await mkdir(context)
  await run('sh', ['-c', `git archive HEAD | tar -x -C '${context}'`])
  const [build, runtime] = parseDockerfile(await readFile(join(context, 'Dockerfile'), 'utf8'))
  if (build === undefined || runtime === undefined) throw new Error('The Dockerfile must have two stages.')

  await carryOut(build, { root, context, runSteps: true })
  await carryOut(runtime, { root, context, runSteps: false })
  const app = join(root, 'runtime/app')
  await mkdir(join(app, 'profiles'))
  const [cache, temporary] = [join(root, 'cache'), join(root, 'tmp')]
  for (const folder of [cache, temporary]) await ownFolder(folder)
  await makeReadOnly(app)
  const { COSTEER_HOME: home, ...environment } = environmentOf(runtime)
  if (home === undefined) throw new Error('The image sets no COSTEER_HOME.')
  return {
    app,
    cache,
    temporary,
    environment: { ...environment, COSTEER_HOME: cache, HOME: temporary, TMPDIR: temporary },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

async function carryOut(
  stage: Stage,
  { root, context, runSteps }: { root: string; context: string; runSteps: boolean },
): Promise<void> {
  const within = (path: string, folder = stage.name) => join(root, folder, path)
  let folder = within('/')
  await ownFolder(folder)
  for (const { keyword, text } of stage.instructions) {
    if (keyword === 'WORKDIR') {
      folder = within(text)
      await ownFolder(folder)
    } else if (keyword === 'COPY') {
      const { from, sources, target } = copyOf(text)
      for (const source of sources) {
        const origin = from === null ? join(context, source) : within(source, from)
        const directory = target.endsWith('/')
        const destination = directory ? join(folder, target, basename(source)) : resolve(folder, target)
        await mkdir(dirname(destination), { recursive: true })
        await cp(origin, destination, { recursive: true, verbatimSymlinks: true })
      }
      if (runsAsRoot) await run('chown', ['-R', `${containerUser.uid}:${containerUser.gid}`, folder])
    } else if (keyword === 'RUN' && runSteps) {
      await runStep(text, { folder, home: within('home'), variables: environmentOf(stage) })
    }
  }
}

async function runStep(
  text: string,
  { folder, home, variables }: { folder: string; home: string; variables: Readonly<Record<string, string>> },
): Promise<void> {
  await ownFolder(home)
  const [command = '', ...parameters] = asContainerUser(['sh', '-c', text])
  const env = { PATH: process.env.PATH, HOME: home, ...variables }
  await run(command, parameters, { cwd: folder, env, maxBuffer: 2 ** 26 }).catch((failure) => {
    throw new Error(`RUN ${text}\n${failure.stdout}${failure.stderr}`)
  })
}

async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (runsAsRoot) await chown(folder, containerUser.uid, containerUser.gid)
}

/** As in the image: owned by root where this process is root, and writable by nobody. */
async function makeReadOnly(folder: string): Promise<void> {
  if (runsAsRoot) await run('chown', ['-R', 'root:root', folder])
  await run('chmod', ['-R', 'a-w', folder])
}

/** Every path below a folder with its size and time of change, sorted. */
export async function snapshot(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true })
  const lines = entries.map(async (path) => {
    const { size, mtimeMs, mode } = await lstat(join(folder, path))
    return `${path} ${mode.toString(8)} ${size} ${mtimeMs}`
  })
  return (await Promise.all(lines)).sort()
}
