import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface RunningProgram {
  /** What the first group of `ready` matched in its output. */
  readonly announced: string
  stop(): Promise<void>
}

/** Starts a program, and resolves once a line of its output matches `ready`. Its last words are in the error otherwise. */
export const startProgram = async (
  command: string,
  parameters: readonly string[],
  ready: RegExp,
): Promise<RunningProgram> => {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(killing)
  }
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let output = ''
  const announced = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-100_000)
      const match = ready.exec(output)
      if (match !== null) resolve(match[1] ?? '')
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${command} has ended: ${output.slice(-2_000)}`)))
  })
  return { announced, stop }
}
