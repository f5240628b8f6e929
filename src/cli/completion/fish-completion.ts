import type { CompletionNode, CompletionOption } from './completion-tree.ts'

/** A script that completes the program's words in fish, with what each means. */
export function fishCompletion(program: string, nodes: readonly CompletionNode[]): string {
  const root = nodes[0]
  const top = root?.commands.map(({ name }) => name).join(' ') ?? ''
  const lines = nodes.flatMap((node) => nodeLines(program, node, condition(node, nodes, top)))
  return `# fish completion for ${program}: ${program} completion fish | source
complete -c ${program} -f
${lines.join('\n')}
`
}

function nodeLines(
  program: string,
  { commands, options, choices, takesFile }: CompletionNode,
  when: string,
): string[] {
  const start = `complete -c ${program} -n ${quoted(when)}`
  return [
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quoted(description)}`),
    ...choices.map((word) => `${start} -a ${word}`),
    ...(takesFile ? [`${start} -F`] : []),
    ...options.map((option) => `${start} ${optionWords(option)} -d ${quoted(option.description)}`),
  ]
}

/** When a node's words are due: its own commands were typed, and none of those below it. */
function condition(
  { path, commands }: CompletionNode,
  nodes: readonly CompletionNode[],
  top: string,
): string {
  if (path.length === 0) return `not __fish_seen_subcommand_from ${top}`
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
  const below = commands.map(({ name }) => name)
  const hasBelow = nodes.some((node) => node.path.length > path.length && node.path[0] === path[0])
  return hasBelow ? `${seen}; and not __fish_seen_subcommand_from ${below.join(' ')}` : seen
}

function optionWords({ flags, value }: CompletionOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  if (value === 'none') return names.join(' ')
  if (value === 'file') return `${names.join(' ')} -r -F`
  return value === 'text' ? `${names.join(' ')} -x` : `${names.join(' ')} -x -a ${quoted(value.join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
