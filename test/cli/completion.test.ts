import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completionTree } from '../../src/cli/completion/completion-tree.ts'
import { createProgram } from '../../src/cli/program.ts'
import { runCommand } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-completion-'))
afterAll(() => rmSync(folder, { recursive: true }))

const scriptFor = async (shell: string): Promise<string> => {
  const file = join(folder, shell)
  writeFileSync(file, (await runCommand('completion', shell)).out)
  return file
}

const nodes = completionTree(createProgram())

describe('completion in bash', () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptFor('bash')
  })
  const complete = (...words: string[]): string[] => {
    const run = `source "$1"; shift; COMP_WORDS=(costeer "$@"); COMP_CWORD=$#; _costeer; printf '%s\\n' "\${COMPREPLY[@]}"`
    const printed = execFileSync('bash', ['-c', run, 'bash', script, ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return printed.toString().split('\n').filter(Boolean)
  }

  test('knows every command and every option of the program', () => {
    for (const { path, commands, options } of nodes) {
      const words = complete(...path, '')
      expect(words).toEqual(expect.arrayContaining(commands.map(({ name }) => name)))
      expect(words).toEqual(expect.arrayContaining(options.flatMap(({ flags }) => flags)))
    }
  })

  test('completes what was begun', () => {
    expect(complete('doc')).toEqual(['doctor'])
    expect(complete('profiles', 'pre')).toEqual(['preview'])
    expect(complete('serve', '--json', '--con')).toEqual(['--config'])
  })

  test('completes the values of an option that has some, and leaves files to the shell', () => {
    expect(complete('init', '--upstream', '')).toEqual([
      ...['embedded', 'llama-cpp', 'vllm', 'sglang', 'openai-completions'],
    ])
    expect(complete('trace', 'hello', '--lookahead', 'o')).toEqual(['off'])
    expect(complete('serve', '--config', '')).toEqual([])
    expect(complete('completion', 'f')).toEqual(['fish'])
  })
})

describe('completion in zsh and fish', () => {
  test.each(['zsh', 'fish'])('%s gets every command and long option', async (shell) => {
    const { out } = await runCommand('completion', shell)
    for (const { commands, options } of nodes) {
      for (const { name } of commands) expect(out).toContain(name)
      for (const flag of options.flatMap(({ flags }) => flags)) expect(out).toContain(flag.replace(/^-+/, ''))
    }
  })

  test.each(['zsh', 'fish'])('the script is one for %s, where that is installed', async (shell) => {
    const { error, status } = spawnSync(shell, ['-n', await scriptFor(shell)])
    if (error !== undefined) expect(error).toMatchObject({ code: 'ENOENT' })
    else expect(status).toBe(0)
  })

  test('another shell is refused with those that there are', async () => {
    expect((await runCommand('completion', 'tcsh')).err).toContain('Allowed choices are bash, zsh, fish.')
  })
})
