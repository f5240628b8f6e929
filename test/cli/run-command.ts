import { createProgram } from '../../src/cli/program.ts'

export interface CommandRun {
  readonly out: string
  readonly err: string
  /** What the command rejected with; null when it did not. */
  readonly failure: unknown
}

/** Runs a command of the whole program, with what it printed. */
export async function runCommand(...words: string[]): Promise<CommandRun> {
  let out = ''
  let err = ''
  const program = createProgram()
  const capture = (command: typeof program): void => {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        out += text
      },
      writeErr: (text) => {
        err += text
      },
    })
    for (const inner of command.commands) capture(inner as typeof program)
  }
  capture(program)
  const failure = await program.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: unknown) => error,
  )
  return { out, err, failure }
}
