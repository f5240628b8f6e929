// Programs: this room owns what benches start beside themselves, on free ports, what it takes of the
// processor, and the network in between. It must not know what is measured.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { exitOnSignals } from './exit-on-signals.ts'

export interface RunningProgram {
  readonly pid: number
  /** What the first group of `ready` matched in its output. */
  readonly announced: string
  stop(): Promise<void>
}

interface ProgramOptions {
  /** Takes its standard error, which then costs this process nothing. */
  readonly logFile?: string
  /** Variables besides this process's own. */
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Starts a program, and resolves once a line of its output matches `ready`. Its last words are in
 * the error otherwise.
 */
export async function startProgram(
  command: string,
  parameters: readonly string[],
  ready: RegExp,
  { logFile, environment }: ProgramOptions = {},
): Promise<RunningProgram> {
  exitOnSignals()
  const log = logFile === undefined ? 'pipe' : openSync(logFile, 'a')
  const child = spawn(command, parameters, {
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, ...environment },
  })
  if (typeof log === 'number') closeSync(log)
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(killing)
  }
  const kill = () => child.kill('SIGKILL')
  // Before the folder goes into which it writes
  process.prependOnceListener('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let output = ''
  const announced = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-100_000)
      const match = ready.exec(output)
      if (match === null) return
      resolve(match[1] ?? '')
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', read).resume()
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${command} has ended: ${output.slice(-2_000)}`)))
  })
  return { pid: child.pid ?? 0, announced, stop }
}
