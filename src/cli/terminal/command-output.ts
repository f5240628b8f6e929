// This room owns what passes between a command and whoever runs it: values of options, output, progress,
// colours, failures and signals. It knows no command.

import type { Command } from 'commander'

/** Prints text to the program's standard output as it is. */
export function writeText(command: Command, text: string): void {
  command.configureOutput().writeOut?.(text)
}

/** Prints a line to the program's standard output. */
export function writeLine(command: Command, text: string): void {
  writeText(command, `${text}\n`)
}

/** Prints a value as indented JSON, for programs. */
export function writeJson(command: Command, value: unknown): void {
  writeLine(command, JSON.stringify(value, null, 2))
}

/** Prints a line to the program's standard error: progress and remarks, never results. */
export function writeRemark(command: Command, text: string): void {
  command.configureOutput().writeErr?.(`${text}\n`)
}
