import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { completionTree } from '../../src/cli/completion/completion-tree.ts'
import { createProgram } from '../../src/cli/program.ts'
import { runCommand } from '../cli/run-command.ts'
import { importableGguf } from '../models/importable-model.ts'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { end, text } from '../proxy/app-under-test/scripted-gateway.ts'
import { commandsOf, pages, shellWords } from './documented.ts'

/** Commands that are not run here, and why. What they name is checked all the same. */
const notRun: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^npm (start|test)\b/, reason: 'starts what never ends, or these tests themselves' },
  {
    pattern: /^npm run (test|bench|docs|package|build|check|format)\b/,
    reason: 'minutes, and a suite of its own',
  },
  { pattern: /^npm install /, reason: 'test:package does it' },
  { pattern: /^npx vite /, reason: 'never ends' },
  { pattern: /^npx costeer\b/, reason: 'test:package does it' },
  { pattern: /^costeer serve\b/, reason: 'never ends; test:package and the tests of the image do it' },
  { pattern: /^costeer pull\b/, reason: 'downloads' },
  { pattern: /^costeer trace\b/, reason: 'test/cli/trace.test.ts does it' },
  { pattern: /^costeer eval\b/, reason: 'test/cli/eval.model.test.ts does it' },
  { pattern: /^costeer bench\b/, reason: 'test/cli/bench.test.ts does it' },
  { pattern: /^costeer service\b/, reason: 'test/cli/service/service-command.test.ts does it' },
  { pattern: /^costeer update\b/, reason: 'test/cli/installation/update-command.test.ts does it' },
  { pattern: /[A-Z]{2,}|\|| FILE\b/, reason: 'a pattern to fill in' },
  { pattern: /^costeer doctor --config config\/(llama-cpp|vllm)/, reason: 'needs that server to succeed' },
]

const documented = pages.flatMap(commandsOf).map((one) => ({
  ...one,
  line: one.line.replace(/^node dist\/main\.js/, 'costeer'),
}))
function reasonOf(line: string) {
  return notRun.find(({ pattern }) => pattern.test(line))?.reason
}
const runnable = documented.filter(({ line, inBlock }) => inBlock && reasonOf(line) === undefined)

const nodes = completionTree(createProgram())

describe('every command that the documentation names', () => {
  const ours = documented.filter(({ line }) => line.startsWith('costeer'))
  test.each(ours)('$page: $line', ({ line }) => {
    const words = shellWords(line).slice(1)
    if (words[0] === undefined || words[0].startsWith('-')) words.unshift('serve')
    const isPath = (path: readonly string[]) => path.every((word, i) => words[i] === word)
    const node = nodes.filter(({ path }) => isPath(path)).sort((a, b) => b.path.length - a.path.length)[0]
    expect(node?.path, `there is no command "${words[0]}"`).not.toEqual([])
    const flags = node?.options.flatMap((option) => option.flags) ?? []
    for (const word of words.filter((one) => one.startsWith('-'))) expect(flags).toContain(word)
  })

  const scripts = documented.flatMap(({ page, line }) => {
    const script = /^npm (?:run (?:-s )?)?([\w:-]+)/.exec(line)?.[1]
    return script === undefined || script === 'install' ? [] : [{ page, script }]
  })
  test.each(scripts)('$page: the npm script $script', ({ script }) => {
    expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts).toHaveProperty([script])
  })
})

describe('every command that can run here', () => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-docs-'))
  const livesIn = (config: string) => {
    vi.stubEnv('XDG_CONFIG_HOME', folder)
    vi.stubEnv('COSTEER_HOME', join(folder, 'home'))
    vi.stubEnv('COSTEER_CONFIG', config)
  }
  beforeAll(async () => {
    livesIn('')
    const model = join(folder, 'tiny.gguf')
    writeFileSync(model, importableGguf())
    await runCommand('import', model, '--name', 'smollm2-135m', '--no-prepare')
    // Twice from the first on: profiles must not land in the repository
    await runCommand('init')
    rmSync(join(folder, 'costeer/config.yaml'))
    livesIn(join(folder, 'other/config.yaml'))
    await runCommand('init', join(folder, 'other'))
  })
  // What is stubbed is forgotten before each test
  beforeEach(() => livesIn(join(folder, 'other/config.yaml')))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const lines = [...new Set(runnable.map(({ line }) => line))]
  test('there are some', () => expect(lines.length).toBeGreaterThan(4))

  test.each(lines)('%s', async (line) => {
    const profiles = { chosen: null, open: [{ id: 'hamish-baird', name: 'Hamish Baird' }] }
    const { url } = await listening({ script: { choices: [[text('Hello'), end(1)]], profiles } })
    const isDoctor = line.startsWith('costeer doctor')
    vi.stubEnv('COSTEER_PORT', isDoctor ? '0' : new URL(url).port)
    // The same command may stand on two pages, and writes its file once.
    if (line.includes('profiles new')) rmSync(join(folder, 'other/profiles/ann.yaml'), { force: true })
    if (line.includes('preview ann')) await runCommand('profiles', 'new', 'ann')
    const { failure, err } = await runCommand(...shellWords(line).slice(1))
    expect(failure, err).toBeNull()
  })
})
