import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createProgram, withCommand } from '../../src/cli/program.ts'
import { runCommand } from './run-command.ts'

describe('the command line', () => {
  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect((await runCommand('--version')).out).toBe(`${version}\n`)
  })

  test.each([
    ['serv', 'serve'],
    ['docter', 'doctor'],
    ['profile', 'profiles'],
  ])('suggests what %s may have meant', async (word, meant) => {
    const { err, failure } = await runCommand(word)
    expect(failure).toMatchObject({ code: 'commander.unknownCommand' })
    expect(err).toContain(`(Did you mean ${meant}?)`)
    expect(err).toContain('costeer --help')
  })

  test('serves when no command is named, and helps when help is asked for', () => {
    expect(withCommand([])).toEqual(['serve'])
    expect(withCommand(['--port', '80'])).toEqual(['serve', '--port', '80'])
    for (const words of [['--help'], ['-V'], ['models', '--json'], ['typo']])
      expect(withCommand(words)).toEqual(words)
  })

  test('every command prints JSON, too', () => {
    const all = createProgram().commands.flatMap((one) => (one.commands.length > 0 ? one.commands : [one]))
    const without = all.filter(({ options }) => !options.some(({ long }) => long === '--json'))
    expect(without.map((one) => one.name())).toEqual([])
  })
})
