import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a shell offers after a line, asked of the shell itself with a completion script of the program. */
export type ShellWords = (script: string, line: string) => string[]

export function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit']).error === undefined
}

export const bashWords: ShellWords = (script, line) => {
  const words = line.split(' ').slice(1)
  const run = `source "$1"; shift; COMP_WORDS=(costeer "$@"); COMP_CWORD=$#; _costeer; printf '%s\\n' "\${COMPREPLY[@]}"`
  const printed = execFileSync('bash', ['-c', run, 'bash', script, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return printed.toString().split('\n').filter(Boolean)
}

export const fishWords: ShellWords = (script, line) => {
  const printed = execFileSync('fish', [
    '--no-config',
    '-c',
    `source $argv[1]; complete -C $argv[2]`,
    script,
    line,
  ])
  return printed
    .toString()
    .split('\n')
    .flatMap((one) => one.split('\t')[0] || [])
}

/** Inside an interactive zsh, where completion lives: what it would offer is printed instead. */
const zshSetup = String.raw`
autoload -Uz compinit && compinit -u -d DUMP
bindkey '^I' complete-word
compadd() {
  # Completion functions also use it to filter their own lists
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return $?
  fi
  local -a hits
  builtin compadd -O hits "$@"
  (( $#hits )) && print -rl -- \${hits/#/WORD:}
  return 1
}
finish() { print END-OF-WORDS; exit }
comppostfuncs=(finish)
`

/** Types a line and a tab into a terminal with such a zsh. */
const zshTyping = String.raw`
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= PS2= ; stty -echo; source $1; source $2; echo ready"
while zpty -r shell line; do [[ $line == *ready* ]] && break; done
zpty -w -n shell "$3"$'\t'
while zpty -r shell line; do
  [[ $line == *END-OF-WORDS* ]] && break
  print -rn -- "$line"
done
`

export const zshWords: ShellWords = (script, line) => {
  const setup = join(script, '../setup.zsh')
  // What zsh keeps of all its completions, so that it reads them once
  const dump = join(script, '../dump.zsh')
  writeFileSync(setup, zshSetup.replace('DUMP', dump).replaceAll('\\${', '${'))
  const typing = ['-f', '-c', zshTyping, 'zsh', setup, script, line]
  const printed = execFileSync('zsh', typing, { timeout: 30_000, stdio: ['ignore', 'pipe', 'ignore'] })
  return [...printed.toString().matchAll(/WORD:(\S+)/g)].map(([, word = '']) => word)
}
