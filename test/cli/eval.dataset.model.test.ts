import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installedModel } from '../slm/installed-model.ts'
import { runCommand } from './run-command.ts'

const users = [
  {
    name: 'Ann Lee',
    home: 'She sails out of Quillfeather Bay.',
    text: 'Hiya! Wind south. I leave at six. Ann',
  },
  {
    name: 'Ben Roe',
    home: 'He keeps goats above Marrowdale.',
    text: 'Right then, the goats are fed. Cheers, Ben',
  },
]

describe('costeer eval --dataset', () => {
  let folder = ''
  beforeAll(async () => {
    await installedModel('smollm2-135m')
    folder = await mkdtemp(join(tmpdir(), 'costeer-dataset-'))
    const rows = users.map(({ name, home, text }, index) => ({
      id: `row ${index}`,
      query: 'Write a note to the cook about supper.',
      reference: text.replace(/[a-z]+\./, 'about supper.'),
      profile: `Name: ${name}\nHome: ${home}`,
      history: [{ task: 'Write a note to the harbour.', text }],
    }))
    await writeFile(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const rest = 'models: { names: { costeer: up } }\nprofiles: { folder: . }\n'
    await writeFile(join(folder, 'config.yml'), `upstreams: { up: { kind: embedded } }\n${rest}`)
    const server = '{ kind: llama-cpp, url: "http://127.0.0.1:9", model: none }'
    await writeFile(join(folder, 'server.yml'), `upstreams: { up: ${server} }\n${rest}`)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const run = (...words: string[]) => {
    const [dataset, config, out] = ['rows.jsonl', 'config.yml', 'run'].map((name) => join(folder, name))
    const settings = ['-n', '8', '-k', '50', '--strengths', '1', '--form', 'turns', '--answers', '6']
    return runCommand(
      'eval',
      '--dataset',
      `${dataset}`,
      '-c',
      `${config}`,
      '-o',
      `${out}`,
      ...settings,
      ...words,
    )
  }
  const lines = async (name: string) =>
    (await readFile(join(folder, 'run', name), 'utf8'))
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))

  test('compares all systems, and a model that steers itself is the less certain ceiling', async () => {
    const systems = 'upstream,local-without,local-with,costeer,adacosteer,upstream-with-profile'
    const { failure, out } = await run('--systems', systems, '--json')
    expect(failure).toBeNull()
    const { likelihoods, scores } = JSON.parse(out)
    const nats = Object.fromEntries(
      likelihoods.map(({ system, rawNats }: { system: string; rawNats: number[] }) => [system, rawNats]),
    )
    const named = Object.keys(nats)
    expect(named).toEqual([
      'upstream@temperature',
      'local-without',
      'local-with turns',
      'costeer turns c=1 K=50',
      'adacosteer turns c=1 K=50',
      'upstream-with-profile turns',
    ])
    // One model plays both parts
    for (const [one, other] of [
      ['upstream@temperature', 'local-without'],
      ['upstream-with-profile turns', 'local-with turns'],
    ] as const) {
      for (const row of [0, 1]) expect(nats[one][row]).toBeCloseTo(nats[other][row], 2)
    }
    expect(scores.map(({ system }: { system: string }) => system)).toHaveLength(6)
    expect(await lines('answers.jsonl')).toHaveLength(12)
    expect(await lines('scores.jsonl')).toHaveLength(12)
    expect(await lines('likelihood.jsonl')).toHaveLength(12)
    expect(await readFile(join(folder, 'run', 'report.html'), 'utf8')).toContain('Texts side by side')
  })

  test('goes on where it was, and asks for nothing twice', async () => {
    const before = await readFile(join(folder, 'run', 'answers.jsonl'), 'utf8')
    const { out } = await run('--systems', 'upstream,costeer')
    expect(out).toMatch(/\| costeer turns c=1 K=50 \| 50 \| /)
    expect(await readFile(join(folder, 'run', 'answers.jsonl'), 'utf8')).toBe(before)
  })

  test('asks a model that knows nothing of the user the same question once', async () => {
    await run('--systems', 'upstream,costeer')
    const texts = (system: string) => async () =>
      (await lines('answers.jsonl')).filter((line) => line.system === system).map(({ totalMs }) => totalMs)
    const [one, other] = await texts('upstream')()
    expect(other).toBe(one)
    expect(new Set(await texts('costeer turns c=1 K=50')()).size).toBe(2)
  })

  test('lets systems answer questions to which nobody wrote an answer, without likelihoods', async () => {
    const { name, text } = users[0] as (typeof users)[number]
    const profile = { id: 'ann', name, history: [{ text }] }
    const bare = join(folder, 'bare.jsonl')
    await writeFile(bare, JSON.stringify({ id: 'one', query: 'Write a note to the cook.', profile }))
    const settings = ['--dataset', bare, '-o', join(folder, 'bare'), '--systems', 'costeer']
    expect((await run(...settings)).failure).toMatchObject({ message: expect.stringContaining('--tokens 0') })
    const { failure, out } = await run(...settings, '-n', '0', '--json')
    expect(failure).toBeNull()
    expect(JSON.parse(out)).toMatchObject({
      likelihoods: [],
      scores: [{ system: 'costeer turns c=1 K=50', scores: { name: { rows: 1 }, tokens: { rows: 1 } } }],
    })
    expect(JSON.parse(out).scores[0].scores).not.toHaveProperty('rouge1')
  })

  test('says what it does not understand', async () => {
    expect((await run('--form', 'verse')).failure).toMatchObject({ code: 'invalid_request' })
    expect((await run('--dataset', join(folder, 'none'))).failure).toMatchObject({ code: 'invalid_request' })
    expect((await runCommand('eval')).failure).toMatchObject({ code: 'invalid_request' })
  })
})
