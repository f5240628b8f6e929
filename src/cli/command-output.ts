import type { Command } from 'commander'

/** Prints a line to the program's standard output. */
export function writeLine(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`)
}

/** Prints a value as indented JSON, for programs. */
export function writeJson(command: Command, value: unknown): void {
  writeLine(command, JSON.stringify(value, null, 2))
}

/** Prints a line to the program's standard error: progress and remarks, never results. */
export function writeRemark(command: Command, text: string): void {
  command.configureOutput().writeErr?.(`${text}\n`)
}
