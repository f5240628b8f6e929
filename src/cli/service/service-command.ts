import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir, platform, userInfo } from 'node:os'
import { dirname } from 'node:path'
import { type Command, Option } from 'commander'
import type { Config } from '../../config/schema.ts'
import { environmentVariable, readEnvironment } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'
import { loadCommandConfig } from '../installation/config-file.ts'
import { programFile, shippedConfig } from '../installation/shipped-files.ts'
import { CLOSE_MS } from '../serve.ts'
import { writeJson, writeLine, writeRemark } from '../terminal/command-output.ts'
import { commandLine, runAll, runSystemCommand } from './run-system-command.ts'
import type { ServiceDefinition, ServicePlan } from './service-definition.ts'
import { servicePlan, servicePlatforms } from './service-plan.ts'

interface ServiceOptions {
  readonly config?: string
  readonly platform: string
  readonly dryRun: boolean
  readonly json: boolean
}

/** Variables without which a service would look elsewhere than the user's own commands. */
const placeVariables = ['COSTEER_HOME', 'HF_HOME', 'HF_HUB_CACHE', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME']

/** `costeer service`: the gateway as a service of the user's system. All reject with GatewayError. */
export function addServiceCommand(program: Command): void {
  const service = program
    .command('service')
    .description('Run the gateway whenever you are logged in: by systemd, launchd or the task scheduler.')
  const add = (name: string, description: string) =>
    service
      .command(name)
      .description(description)
      .addOption(new Option('--platform <name>').choices(servicePlatforms).default(platform()).hideHelp())
      .option('-n, --dry-run', 'print what would be written and run, and change nothing', false)
      .option('--json', 'print the result as JSON', false)
  add('install', 'Write the service, start it now and at each login. Again: with what is true now.')
    .option('-c, --config <file>', 'configuration file (COSTEER_CONFIG; default: the one of "serve")')
    .action(install)
  add('status', 'Whether the service is installed, and runs. Exit code 1 unless it runs.').action(status)
  add('remove', 'End the service and delete what was written. Configuration and profiles stay.').action(
    remove,
  )
}

async function install(options: ServiceOptions, command: Command): Promise<void> {
  const { config, file: configFile } = await loadCommandConfig(options.config)
  const plan = planFor(options, definitionOf(config, configFile))
  for (const name of keyVariables(config)) {
    writeRemark(command, `A service has no variable ${name}: name a file with api_key_file instead.`)
  }
  if (options.dryRun) return show(plan, plan.install, { options, command })
  const { file, content, encoding } = plan
  if (await isThere(file)) for (const one of plan.remove) await runSystemCommand(one)
  await mkdir(dirname(file), { recursive: true }).catch(unwritable(file))
  const written = encoding === 'utf16le' ? `\ufeff${content}` : content
  await writeFile(file, written, { encoding, mode: 0o600 }).catch(unwritable(file))
  await runAll(plan.install)
  if (options.json) writeJson(command, { file, installed: true })
  else writeLine(command, `Wrote ${file} and started it. ${plan.advice}`)
}

async function status(options: ServiceOptions, command: Command): Promise<void> {
  const plan = planFor(options, unnamed)
  if (options.dryRun) return show(plan, [plan.status], { options, command })
  const { file } = plan
  const installed = await isThere(file)
  const running = installed && plan.runs.test((await runSystemCommand(plan.status)).output)
  if (options.json) writeJson(command, { file, installed, running })
  else if (running) writeLine(command, `It runs, by ${file}.`)
  if (running) return
  throw new GatewayError(
    'invalid_request',
    installed
      ? `The service is installed (${file}) and does not run. ${plan.advice}`
      : 'There is no service. Install one with "costeer service install".',
  )
}

async function remove(options: ServiceOptions, command: Command): Promise<void> {
  const plan = planFor(options, unnamed)
  const commands = [...plan.remove, ...plan.afterRemoval]
  if (options.dryRun) return show(plan, commands, { options, command })
  const { file } = plan
  const installed = await isThere(file)
  if (installed) {
    // What runs no more cannot be ended, and is to be deleted all the same
    for (const one of plan.remove) await runSystemCommand(one)
    await rm(file)
    await runAll(plan.afterRemoval)
  }
  if (options.json) writeJson(command, { file, removed: installed })
  else writeLine(command, installed ? `Ended it, and deleted ${file}.` : 'There is no service.')
}

/** Enough to ask for a service, or to end one. */
const unnamed: ServiceDefinition = { words: [], variables: {}, stopSeconds: 0 }

function planFor({ platform: name }: ServiceOptions, definition: ServiceDefinition): ServicePlan {
  const { configHome } = readEnvironment()
  return servicePlan(definition, {
    platform: name,
    home: homedir(),
    configHome,
    userId: process.getuid?.() ?? -1,
    userName: userInfo().username,
  })
}

function definitionOf({ server }: Config, configFile: string): ServiceDefinition {
  const { port } = readEnvironment()
  const isShipped = configFile === shippedConfig('embedded')
  const variables = placeVariables.flatMap((name) => {
    const value = environmentVariable(name)
    return value === undefined ? [] : [[name, value]]
  })
  return {
    words: [
      process.execPath,
      programFile,
      'serve',
      // The shipped one is found by itself, also where an update puts it
      ...(isShipped ? [] : ['--config', configFile]),
      ...(port === undefined ? [] : ['--port', String(port)]),
    ],
    variables: Object.fromEntries(variables),
    stopSeconds: Math.ceil((server.drain_ms + CLOSE_MS) / 1000) + 2,
  }
}

/** Environment variables that a configuration takes keys from. */
function keyVariables({ upstreams, local }: Config): string[] {
  const names = [...Object.values(upstreams), local].flatMap((settings) =>
    'api_key_env' in settings && settings.api_key_env !== undefined ? [settings.api_key_env] : [],
  )
  return [...new Set(names)]
}

function show(
  { file, content }: ServicePlan,
  commands: ServicePlan['install'],
  { options, command }: { readonly options: ServiceOptions; readonly command: Command },
): void {
  const lines = commands.map(commandLine)
  if (options.json) writeJson(command, { file, content, commands: lines })
  else writeLine(command, [`# ${file}`, content, ...lines.map((line) => `$ ${line}`)].join('\n'))
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function unwritable(file: string) {
  return (cause: unknown): never => {
    throw new GatewayError('invalid_request', `${file} cannot be written.`, { cause })
  }
}
