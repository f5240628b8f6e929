import { execFile } from 'node:child_process'
import { platform } from 'node:os'
import type { Command } from 'commander'
import { gt, valid } from 'semver'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { jsonValue } from '../../json-value.ts'
import { writeJson, writeLine } from '../terminal/command-output.ts'
import { ownName, ownVersion } from './own-manifest.ts'
import { isInstalledPackage } from './shipped-files.ts'

interface UpdateOptions {
  readonly check: boolean
  readonly json: boolean
}

const versionSchema = z.string().refine((text) => valid(text) !== null)

/**
 * `costeer update`: how to update. Asks nobody by itself; with `--check` npm asks its own registry for the
 * newest version. Rejects with GatewayError.
 */
export function addUpdateCommand(program: Command): void {
  program
    .command('update')
    .description('How to update. Nothing ever looks for a newer version by itself: --check does.')
    .option('--check', 'ask the registry that npm is configured for', false)
    .option('--json', 'print the result as JSON', false)
    .action(update)
}

async function update({ check, json }: UpdateOptions, command: Command): Promise<void> {
  const current = ownVersion()
  const advice = isInstalledPackage ? `npm install -g ${ownName()}@latest` : 'git pull && npm start'
  const newest = check ? await newestVersion(ownName()) : null
  const isNewer = newest === null ? null : gt(newest, current)
  if (json) writeJson(command, { current, newest, update: isNewer, command: advice })
  else if (isNewer === null) writeLine(command, `This is ${current}. To update: ${advice}`)
  else if (isNewer) writeLine(command, `${newest} is there, and this is ${current}. To update: ${advice}`)
  else writeLine(command, `This is ${current}, the newest.`)
}

/** What npm's registry calls the newest version of a package. */
async function newestVersion(name: string): Promise<string> {
  const said = await npm('view', `${name}@latest`, 'version', '--json')
  const version = versionSchema.safeParse(jsonValue(said))
  if (version.success) return version.data
  throw new GatewayError('invalid_request', `npm says no version of ${name}. Look with: npm view ${name}`)
}

/** What npm prints. On Windows it is a script that only a shell runs: the parameters are fixed ones. */
function npm(...parameters: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('npm', parameters, { shell: platform() === 'win32' }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(unanswered(error.code === 'ENOENT' ? 'npm is not there' : reasonOf(stdout), parameters))
    })
  })
}

const failureSchema = z.object({ error: z.object({ code: z.string().max(40) }) })

/** npm's own code for what went wrong, such as `E404`. */
function reasonOf(output: string): string {
  const failure = failureSchema.safeParse(jsonValue(output))
  return failure.success ? failure.data.error.code : 'it failed'
}

function unanswered(reason: string, parameters: readonly string[]): GatewayError {
  const message = `npm cannot tell the newest version (${reason}). Look with: npm ${parameters.slice(0, 2).join(' ')}`
  return new GatewayError('invalid_request', message)
}
