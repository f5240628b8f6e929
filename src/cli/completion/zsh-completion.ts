import type { CompletionNode, CompletionOption } from './completion-tree.ts'

/** A script that completes the program's words in zsh, with what each means. */
export function zshCompletion(program: string, nodes: readonly CompletionNode[]): string {
  return `#compdef ${program}
# zsh completion for ${program}: source <(${program} completion zsh)
${nodes.map((node) => commandFunction(program, node)).join('\n')}
if [ "$funcstack[1]" = "_${program}" ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`
}

function commandFunction(program: string, node: CompletionNode): string {
  const { path, commands, options } = node
  const specs = options.flatMap(optionSpecs)
  const name = functionName(program, path)
  if (commands.length === 0) {
    return `${name}() {\n  _arguments -s -S ${[...specs, ...argumentSpecs(node)].join(' \\\n    ')}\n}`
  }
  const list = commands.map(({ name: word, description }) => quoted(`${word}:${description}`)).join(' ')
  const cases = commands.map(({ name: word }) => `    ${word}) ${functionName(program, [...path, word])} ;;`)
  return `${name}() {
  local line state
  _arguments -C ${[...specs, "'1: :->command'", "'*::arg:->args'"].join(' \\\n    ')}
  case $state in
    command) local -a words_here=(${list}); _describe command words_here ;;
    args) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`
}

/** Without a specification of its arguments, zsh completes nothing after the first. */
function argumentSpecs({ takesWords, takesFile, choices }: CompletionNode): string[] {
  if (takesFile) return ["'*:file:_files'"]
  if (choices.length > 0) return [`'*:word:(${choices.join(' ')})'`]
  return takesWords ? ["'*:text: '"] : []
}

function optionSpecs({ flags, description, value }: CompletionOption): string[] {
  const action =
    value === 'none'
      ? ''
      : value === 'file'
        ? ':file:_files'
        : value === 'text'
          ? ':value:'
          : `:word:(${value.join(' ')})`
  const meaning = description.replace(/[[\]:]/g, '\\$&')
  return flags.map((flag) => quoted(`${flag}[${meaning}]${action}`))
}

function functionName(program: string, path: readonly string[]): string {
  return ['', program, ...path].join('_')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
