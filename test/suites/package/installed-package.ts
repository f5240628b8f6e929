import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readEnvironment } from '../../../src/environment.ts'

const run = promisify(execFile)

/** The package, installed as users do it, below a temporary folder. */
export interface InstalledPackage {
  /** Paths inside the package. */
  readonly files: readonly string[]
  /** Where it is a dependency. */
  readonly folder: string
  /** Of processes that run it: a user with the models of this machine and no configuration. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Runs `npx costeer` with these words and returns what it prints. */
  npx(...words: string[]): Promise<string>
  remove(): Promise<void>
}

/** Builds and packs the checkout in a place of its own, so that nothing left over in `dist` gets in. */
export async function installPackage(): Promise<InstalledPackage> {
  const root = await mkdtemp(join(tmpdir(), 'costeer-package-'))
  const source = join(root, 'source')
  await mkdir(source)
  // Whatever git does not ignore, as people have it when they pack
  const list = 'git ls-files -z --cached --others --exclude-standard'
  await run('sh', ['-c', `${list} | tar -c --null --ignore-failed-read -T - | tar -x -C '${source}'`])
  await writeFile(join(source, 'profiles/my-own.yaml'), 'id: my-own\nname: Me\n')
  await symlink(resolve('node_modules'), join(source, 'node_modules'))
  await run('npm', ['run', 'package'], { cwd: source, maxBuffer: 2 ** 24 }).catch((failure) => {
    throw new Error(`npm run package\n${failure.stdout}${failure.stderr}`)
  })
  const { stdout } = await run('npm', ['pack', '--json', '--dry-run'], { cwd: source, maxBuffer: 2 ** 24 })
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm has packed nothing.')

  const folder = join(root, 'app')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  const options = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund']
  await run('npm', ['install', ...options, join(source, packed.filename)], {
    cwd: folder,
    maxBuffer: 2 ** 24,
  })
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    COSTEER_HOME: readEnvironment().costeerHome,
    XDG_CONFIG_HOME: join(root, 'user-config'),
  }
  return {
    files: packed.files.map(({ path }) => path).sort(),
    folder,
    environment,
    async npx(...words) {
      const printed = await run('npx', ['--no-install', 'costeer', ...words], {
        cwd: folder,
        env: environment,
      })
      return printed.stdout
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
