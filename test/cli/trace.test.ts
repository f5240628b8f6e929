import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { end, type Step, text } from '../proxy/app-under-test/scripted-gateway.ts'
import { runCommand } from './run-command.ts'
import { guessedTraces } from './trace/guessed-traces.ts'

const script: Step[] = [
  { type: 'upstream-sent', atMs: 0, request: { method: 'POST', path: '/completion', body: '{}' } },
  ...guessedTraces.map((trace): Step => ({ type: 'token-traced', trace })),
  text('hello'),
  end(3),
]

describe('costeer trace', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'costeer-trace-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const run = async (...words: string[]) => {
    const { out, failure } = await runCommand('trace', ...words)
    if (failure !== null) throw failure
    return { out }
  }

  test('asks a running gateway, and draws the same from what it printed as from what was streamed', async () => {
    const { url, gateway } = await listening({ script: { choices: [script] } })
    const drawn = join(folder, 'asked.svg')
    const { out } = await run(
      'Hello?',
      '--url',
      `${url}/v1`,
      '-n',
      '5',
      '--profile',
      'ann',
      '--json',
      '-o',
      drawn,
    )
    expect(gateway.requests[0]).toMatchObject({
      model: 'big',
      maxTokens: 5,
      trace: true,
      caller: { profile: 'ann' },
      prompt: { messages: [{ role: 'user', content: 'Hello?' }] },
    })
    expect(JSON.parse(out).requests).toEqual([{ atMs: 0, path: '/completion' }])

    await writeFile(join(folder, 'saved.json'), out)
    await run('--file', join(folder, 'saved.json'), '-o', join(folder, 'saved.svg'))
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-costeer-trace': '1' },
      body: JSON.stringify({ model: 'big', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    await writeFile(join(folder, 'stream.txt'), await stream.text())
    await run('--file', join(folder, 'stream.txt'), '-o', join(folder, 'stream.svg'))
    const svg = await readFile(drawn, 'utf8')
    for (const name of ['saved.svg', 'stream.svg']) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(svg)
    }
  })

  test('asks something of its own where no prompt is given', async () => {
    const { url, gateway } = await listening({ script: { choices: [script] } })
    await run('--url', url, '--json')
    expect(gateway.requests[0]?.prompt).toMatchObject({
      messages: [{ role: 'user', content: expect.stringMatching(/letter/) }],
    })
  })

  test('says what is wrong: no gateway, no steered token, no trace in the file', async () => {
    const { url } = await listening({ script: { choices: [[text('plain'), end(1)]] } })
    await expect(run('Hello?', '--url', url, '-o', join(folder, 'x.svg'))).rejects.toThrow('--profile')
    await expect(run('Hello?', '--url', 'http://127.0.0.1:9')).rejects.toThrow('costeer serve')
    await writeFile(join(folder, 'other.json'), '{"a": 1}')
    await expect(run('--file', join(folder, 'other.json'))).rejects.toThrow('holds no trace')
  })

  test("passes on the gateway's own refusal", async () => {
    const { url } = await listening({
      script: { choices: [script] },
      server: { keys: [{ key: 'secret-key', admin: false }] },
    })
    await expect(run('Hello?', '--url', url)).rejects.toThrow(/HTTP 401/)
  })
})
