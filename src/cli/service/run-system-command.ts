import { execFile } from 'node:child_process'
import { GatewayError } from '../../gateway-error.ts'
import { shellWord } from '../terminal/shell-word.ts'
import type { SystemCommand } from './service-definition.ts'

interface SystemReply {
  /** Whether its exit code was 0. */
  readonly ok: boolean
  readonly output: string
  /** What it wrote to standard error, in one line. */
  readonly complaint: string
}

/** Runs a program of the system to its end. Rejects with `invalid_request` where there is no such program. */
export function runSystemCommand([program, ...parameters]: SystemCommand): Promise<SystemReply> {
  return new Promise((resolve, reject) => {
    execFile(program, parameters, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') reject(missing(program))
      else resolve({ ok: error === null, output: stdout, complaint: stderr.trim().replaceAll(/\s+/g, ' ') })
    })
  })
}

/** Runs programs one after the other. Rejects with `invalid_request` at the first that fails. */
export async function runAll(commands: readonly SystemCommand[]): Promise<void> {
  for (const command of commands) {
    const { ok, complaint } = await runSystemCommand(command)
    if (ok) continue
    const message = `"${commandLine(command)}" failed${complaint === '' ? '' : `: ${complaint}`}`
    throw new GatewayError('invalid_request', message)
  }
}

/** A command as a person types it. */
export function commandLine(command: SystemCommand): string {
  return command.map(shellWord).join(' ')
}

function missing(program: string): GatewayError {
  const message = `There is no ${program} here, which runs services of this system. Start "costeer serve" yourself, or with another supervisor.`
  return new GatewayError('invalid_request', message)
}
