import { constants } from 'node:fs'
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { loadCatalogue } from '../models/catalogue.ts'
import { type FoundServer, findServers, usualPorts } from '../upstream/found-servers.ts'
import { isRemote, type UpstreamKind, upstreamKinds } from '../upstream/kinds.ts'
import { startCommandOf } from '../upstream/remote-kind.ts'
import { shownName } from '../upstream/shown-name.ts'
import { foundConfig } from './init/found-config.ts'
import { copyExampleProfiles } from './installation/example-profiles.ts'
import { shippedConfig, shippedSchema } from './installation/shipped-files.ts'
import { writeJson, writeLine } from './terminal/command-output.ts'
import { shellWord } from './terminal/shell-word.ts'

interface InitOptions {
  readonly upstream?: UpstreamKind
  readonly ports: readonly number[]
  readonly json: boolean
}

/** `costeer init`: a configuration and example profiles of the user's own. Rejects with GatewayError. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write a configuration and example profiles to start from.')
    .argument('[folder]', "where to (default: costeer in the user's configuration folder, where it is found)")
    .addOption(
      new Option(
        '-u, --upstream <kind>',
        'the kind of server that you run; one that answers here is taken as it is (default: the first that answers, else embedded)',
      ).choices(Object.keys(upstreamKinds)),
    )
    .addOption(
      new Option('--ports <list>', 'where to look for servers of this machine')
        .argParser(portList)
        .default(usualPorts, usualPorts.join(',')),
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
  const { upstream: kind } = options
  const answering = kind === 'embedded' ? [] : await findServers(options.ports)
  const servers = answering.filter(({ models }) => models.length > 0)
  const wanted = (one: FoundServer) => kind === undefined || one.kind === kind
  const server = servers.find(wanted)
  if (server === undefined) refuseEmpty(answering.find(wanted))
  const found = server === undefined ? null : foundConfig(server, await loadCatalogue())
  try {
    await mkdir(target, { recursive: true, mode: 0o700 })
    await copyExampleProfiles(profiles)
    await copyFile(shippedSchema, join(target, 'schema.json'))
    await writeFile(file, found?.yaml ?? (await shippedText(kind ?? 'embedded')), { flag: 'wx' })
  } catch (cause) {
    const message = `The folder ${target} cannot be written. Name another: "costeer init FOLDER".`
    throw new GatewayError('config_invalid', message, { cause })
  }
  if (options.json) {
    writeJson(command, { config: file, profiles, servers })
    return
  }
  if (server !== undefined && found !== null) {
    const local = found.local === null ? '' : `, with ${found.local} as the local model`
    writeLine(
      command,
      `Found ${nameOf(server)}: the configuration takes ${shownName(found.model)} there${local}.`,
    )
    const others = servers.filter((one) => one !== server).map(nameOf)
    if (others.length > 0) writeLine(command, `Also found: ${others.join(', ')}. To take it: --upstream KIND`)
  }
  const start = server === undefined ? await startCommandIn(file) : null
  if (start !== null) writeLine(command, `No such server answers here yet. Start one: ${start}`)
  const option = target === resolve(configHome) ? '' : ` --config ${shellWord(file)}`
  writeLine(command, `Wrote ${file} and example profiles in ${profiles}.`)
  writeLine(command, `Edit them, see what is missing with: costeer doctor${option}`)
  writeLine(command, `Then run: costeer serve${option}`)
}

async function shippedText(kind: UpstreamKind): Promise<string> {
  const shipped = await readFile(shippedConfig(kind), 'utf8')
  return shipped.replace('folder: ../profiles', 'folder: profiles')
}

/** What starts the server that a configuration names; null for none of this machine. */
async function startCommandIn(file: string): Promise<string | null> {
  const { config } = await loadConfig(file)
  const commands = Object.values(config.upstreams).map((upstream) =>
    isRemote(upstream)
      ? startCommandOf(upstream.url, { ...upstreamKinds[upstream.kind], model: upstream.model })
      : null,
  )
  return commands.find((command) => command !== null) ?? null
}

/** A configuration would name a model that is not there, and stand in the way of the next try. */
function refuseEmpty(server: FoundServer | undefined): void {
  if (server === undefined) return
  const message = `${nameOf(server)} answers, but has no model yet that runs there and writes text. Pull one ("ollama pull qwen2.5:3b") and run this again, or do without it: "costeer init --upstream embedded".`
  throw new GatewayError('upstream_incapable', message)
}

function nameOf({ kind, url }: FoundServer): string {
  return `${kind} at ${url}`
}

function portList(text: string): number[] {
  const ports = text
    .split(',')
    .filter((word) => word.trim() !== '')
    .map(Number)
  if (ports.every((port) => Number.isInteger(port) && port > 0 && port <= 65_535)) return ports
  throw new InvalidArgumentError('Give numbers up to 65535, separated by commas.')
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  )
  if (!isThere) return
  throw new GatewayError('config_invalid', `${file} exists already. Edit it, or name another folder.`)
}
