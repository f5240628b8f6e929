import type { CompletionNode } from './completion-tree.ts'

/** A script that completes the program's words in bash. */
export function bashCompletion(program: string, nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')))
  return `# bash completion for ${program}: eval "$(${program} completion bash)"
_${program}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at='' i longer
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="\${at:+$at }\${COMP_WORDS[i]}"
    case "$longer" in
      ${paths.join(' | ')}) at=$longer ;;
    esac
  done
  COMPREPLY=()
  case "$at/$before" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${nodes.map(wordCase).join('\n')}
  esac
}
complete -o default -F _${program} ${program}
`
}

/**
 * After a flag that takes a value: its words, nothing for free text, or what bash does by default, which is
 * files.
 */
function valueCases({ path, options }: CompletionNode): string[] {
  return options
    .filter(({ value }) => value !== 'none')
    .map(({ flags, value }) => {
      const patterns = flags.map((flag) => quoted(`${path.join(' ')}/${flag}`)).join(' | ')
      if (value === 'file') return `    ${patterns}) return ;;`
      if (value === 'text') return `    ${patterns}) compopt +o default 2>/dev/null; return ;;`
      return `    ${patterns}) COMPREPLY=($(compgen -W ${quoted(value === 'none' ? '' : value.join(' '))} -- "$word")); return ;;`
    })
}

function wordCase({ path, commands, options, choices, takesFile }: CompletionNode): string {
  const words = [...commands.map(({ name }) => name), ...choices, ...options.flatMap(({ flags }) => flags)]
  const noFiles = takesFile ? '' : ' compopt +o default 2>/dev/null;'
  const list = `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$word"))`
  return `    ${quoted(path.join(' '))})${noFiles} ${list} ;;`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
