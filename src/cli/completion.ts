import { Argument, type Command } from 'commander'
import { bashCompletion } from './completion/bash-completion.ts'
import { type CompletionNode, completionTree } from './completion/completion-tree.ts'
import { fishCompletion } from './completion/fish-completion.ts'
import { zshCompletion } from './completion/zsh-completion.ts'
import { writeJson, writeText } from './terminal/command-output.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  string,
  (program: string, nodes: readonly CompletionNode[]) => string
>

/** `costeer completion`: scripts for shells, made from the program's own definition. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options: eval "$(costeer completion bash)".')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .option('--json', 'print the script inside JSON', false)
    .action((shell: keyof typeof shells, options: { readonly json: boolean }, command: Command) => {
      const script = shells[shell](program.name(), completionTree(program))
      if (options.json) writeJson(command, { shell, script })
      else writeText(command, script)
    })
}
