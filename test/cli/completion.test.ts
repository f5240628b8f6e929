import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completionTree } from '../../src/cli/completion/completion-tree.ts'
import { createProgram } from '../../src/cli/program.ts'
import { upstreamKinds } from '../../src/upstream/kinds.ts'
import { bashWords, fishWords, isInstalled, zshWords } from './completion/shell-words.ts'
import { runCommand } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-completion-'))
afterAll(() => rmSync(folder, { recursive: true }))

const nodes = completionTree(createProgram())
const upstreams = Object.keys(upstreamKinds).sort()

describe.each([
  { shell: 'bash', words: bashWords },
  { shell: 'fish', words: fishWords },
  { shell: 'zsh', words: zshWords },
])('completion in $shell', ({ shell, words }) => {
  const script = join(folder, shell)
  beforeAll(async () => writeFileSync(script, (await runCommand('completion', shell)).out))
  const complete = (line: string) => words(script, `costeer ${line}`).sort()

  test('holds every command and every option of the program', async () => {
    const { out } = await runCommand('completion', shell)
    for (const { commands, options } of nodes) {
      for (const { name } of commands) expect(out).toContain(name)
      for (const flag of options.flatMap(({ flags }) => flags)) expect(out).toContain(flag.replace(/^-+/, ''))
    }
  })

  describe.skipIf(!isInstalled(shell))(
    `asked of the shell itself (skipped where ${shell} is not installed)`,
    () => {
      test.each(nodes)('offers what may follow $path', ({ path, commands, options }) => {
        const at = path.map((word) => `${word} `).join('')
        if (commands.length > 0) {
          expect(complete(at)).toEqual(expect.arrayContaining(commands.map(({ name }) => name)))
        }
        const long = options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--')))
        expect(complete(`${at}--`)).toEqual(expect.arrayContaining(long))
      })

      test('completes what was begun', () => {
        expect(complete('doc')).toEqual(['doctor'])
        expect(complete('profiles pre')).toEqual(['preview'])
        expect(complete('serve --json --con')).toEqual(['--config'])
      })

      test('completes the values of options and arguments that have some', () => {
        expect(complete('init --upstream ')).toEqual(upstreams)
        expect(complete('trace hello --lookahead o')).toEqual(['off'])
        expect(complete('completion f')).toEqual(['fish'])
      })
    },
  )
})

test('bash leaves the values of files to itself', async () => {
  expect(bashWords(join(folder, 'bash'), 'costeer serve --config ')).toEqual([])
})

test('another shell is refused with those that there are', async () => {
  expect((await runCommand('completion', 'tcsh')).err).toContain('Allowed choices are bash, zsh, fish.')
})
