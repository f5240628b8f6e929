import { constants } from 'node:fs'
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { type UpstreamKind, upstreamKinds } from '../upstream/kinds.ts'
import { copyExampleProfiles } from './installation/example-profiles.ts'
import { shippedConfig, shippedSchema } from './installation/shipped-files.ts'
import { writeJson, writeLine } from './terminal/command-output.ts'
import { shellWord } from './terminal/shell-word.ts'

interface InitOptions {
  readonly upstream: UpstreamKind
  readonly json: boolean
}

/** `costeer init`: a configuration and example profiles of the user's own. Rejects with GatewayError. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write a configuration and example profiles to start from.')
    .argument('[folder]', "where to (default: costeer in the user's configuration folder, where it is found)")
    .addOption(
      new Option('-u, --upstream <kind>', 'the server that you run')
        .choices(Object.keys(upstreamKinds))
        .default('embedded'),
    )
    .option('--json', 'print the result as JSON', false)
    .action(init)
}

async function init(folder: string | undefined, options: InitOptions, command: Command): Promise<void> {
  const { configHome } = readEnvironment()
  const target = resolve(folder ?? configHome)
  const file = join(target, 'config.yaml')
  const profiles = join(target, 'profiles')
  await refuseExisting(file)
  try {
    await mkdir(target, { recursive: true, mode: 0o700 })
    await copyExampleProfiles(profiles)
    await copyFile(shippedSchema, join(target, 'schema.json'))
    const shipped = await readFile(shippedConfig(options.upstream), 'utf8')
    await writeFile(file, shipped.replace('folder: ../profiles', 'folder: profiles'), { flag: 'wx' })
  } catch (cause) {
    const message = `The folder ${target} cannot be written. Name another: "costeer init FOLDER".`
    throw new GatewayError('config_invalid', message, { cause })
  }
  if (options.json) {
    writeJson(command, { config: file, profiles })
    return
  }
  const option = target === resolve(configHome) ? '' : ` --config ${shellWord(file)}`
  writeLine(command, `Wrote ${file} and example profiles in ${profiles}.`)
  writeLine(command, `Edit them, see what is missing with: costeer doctor${option}`)
  writeLine(command, `Then run: costeer serve${option}`)
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  )
  if (!isThere) return
  throw new GatewayError('config_invalid', `${file} exists already. Edit it, or name another folder.`)
}
