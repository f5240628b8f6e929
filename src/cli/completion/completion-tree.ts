// This room owns completion scripts, made from the program's own definition. It knows shells, and no single
// command.

import type { Argument, Command, Option } from 'commander'

/** What may follow one command on the command line. */
export interface CompletionNode {
  /** The words that lead here, without the program's name; empty for the program itself. */
  readonly path: readonly string[]
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly CompletionOption[]
  /** Whether there is an argument at all. */
  readonly takesWords: boolean
  /** Whether an argument may be a file. */
  readonly takesFile: boolean
  /** Words that an argument may be. */
  readonly choices: readonly string[]
}

export interface CompletionOption {
  /** Short and long form, those that exist. */
  readonly flags: readonly string[]
  readonly description: string
  /** What follows the flag: nothing, one of these words, a file, or any text. */
  readonly value: 'none' | 'file' | 'text' | readonly string[]
}

const FILE = /file|folder|path|out/i

/** Every command of the program with what it takes, the program itself first. */
export function completionTree(program: Command): CompletionNode[] {
  return nodesOf(program, [])
}

function nodesOf(command: Command, path: readonly string[]): CompletionNode[] {
  const helper = command.createHelp()
  const inner = helper.visibleCommands(command).filter((one) => one.name() !== 'help')
  const node: CompletionNode = {
    path,
    commands: inner.map((one) => ({ name: one.name(), description: oneLine(one.description()) })),
    options: helper.visibleOptions(command).map(completionOption),
    takesWords: command.registeredArguments.length > 0,
    takesFile: command.registeredArguments.some((argument) => FILE.test(argument.name())),
    choices: command.registeredArguments.flatMap(({ argChoices }: Argument) => argChoices ?? []),
  }
  return [node, ...inner.flatMap((one) => nodesOf(one, [...path, one.name()]))]
}

function completionOption(option: Option): CompletionOption {
  const { short, long, flags, argChoices, description } = option
  const takesValue = option.required || option.optional
  const kind = FILE.test(flags.replace(/^.*[<[]/, '')) ? 'file' : 'text'
  return {
    flags: [short, long].filter((flag) => flag != null),
    description: oneLine(description),
    value: takesValue ? (argChoices ?? kind) : 'none',
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
