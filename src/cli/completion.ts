import { Argument, type Command } from 'commander'
import { writeText } from './command-output.ts'
import { bashCompletion } from './completion/bash-completion.ts'
import { type CompletionNode, completionTree } from './completion/completion-tree.ts'
import { fishCompletion } from './completion/fish-completion.ts'
import { zshCompletion } from './completion/zsh-completion.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  string,
  (program: string, nodes: readonly CompletionNode[]) => string
>

/** `costeer completion`: scripts for shells, made from the program's own definition. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options: eval "$(costeer completion bash)".')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS, _options: object, command: Command) => {
      writeText(command, SHELLS[shell](program.name(), completionTree(program)))
    })
}
