import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { importableGguf } from '../models/importable-model.ts'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { LONGEST_WAIT_MS } from '../setup/patience.ts'
import { runCommand } from './run-command.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costeer-doctor-'))
  vi.stubEnv('COSTEER_HOME', join(folder, 'home'))
  vi.stubEnv('COSTEER_PORT', '0')
  await mkdir(join(folder, 'profiles'))
  await writeFile(join(folder, 'profiles/ann.yaml'), 'id: ann\nname: Ann\nfacts:\n  - secret-marker\n')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const base = {
  upstreams: { own: { kind: 'embedded', model: 'tiny' } },
  local: { model: 'tiny' },
  models: { names: { costeer: 'own' } },
  profiles: { folder: 'profiles' },
}

async function importTiny(name = 'tiny') {
  const file = join(folder, `${name}.gguf`)
  await writeFile(file, importableGguf())
  await runCommand('import', file, '--no-prepare')
}

async function doctor(config: object) {
  const file = join(folder, 'config.yaml')
  await writeFile(file, stringify(config))
  const { out, failure } = await runCommand(
    'doctor',
    '--json',
    '--timeout',
    String(LONGEST_WAIT_MS / 1000),
    '--config',
    file,
  )
  const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: Finding[] }
  expect(ok).toBe(failure === null)
  expect(out).not.toContain('secret-marker')
  const of = (check: string) => findings.filter((one) => one.check === check)
  return { failure, findings, of }
}

describe('costeer doctor', () => {
  test('finds nothing wrong with what works, and changes nothing', async () => {
    await importTiny()
    const before = await readdir(folder, { recursive: true })
    const { findings, failure } = await doctor(base)
    expect(failure).toBeNull()
    const wrong = findings.filter(({ status, check }) => status !== 'ok' && check !== 'strength own')
    expect(wrong).toEqual([])
    expect((await readdir(folder, { recursive: true })).filter((path) => path !== 'config.yaml')).toEqual(
      before,
    )
  })

  test('prints a line for each check, and ends with a failure when one fails', async () => {
    const file = join(folder, 'config.yaml')
    await writeFile(file, stringify(base))
    const { out, failure } = await runCommand('doctor', '--config', file)
    expect(failure).toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/^1 of \d+ checks failed/),
    })
    expect(out).toMatch(/^ok {4}node: Node /m)
    expect(out).toMatch(
      /^fail {2}model tiny: Neither in the catalogue nor on this machine\. Correct the name/m,
    )
  })

  test('names the line of a broken configuration and stops there', async () => {
    const { of, findings } = await doctor({ ...base, server: { prot: 1 } })
    expect(of('configuration')[0]).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/config\.yaml:\d+/),
    })
    expect(findings.at(-1)?.check).toBe('configuration')
  })

  test('says that no profile leaves this process, or where it goes and what is wrong there', async () => {
    await importTiny()
    const { of } = await doctor(base)
    expect(of('local model')).toMatchObject([
      { status: 'ok', message: 'tiny in this process: no profile leaves it.' },
    ])
    const local = { kind: 'llama-cpp', url: 'http://127.0.0.1:9' }
    const { of: gone } = await doctor({ ...base, local })
    expect(gone('local model')).toMatchObject([
      {
        status: 'fail',
        message: expect.stringMatching(
          /^The local model's server at http:\/\/127\.0\.0\.1:9 cannot be reached/,
        ),
      },
    ])
    expect(gone('memory')[0]?.message).toContain("without the local model's server")
  })

  test('tells models that can be fetched from those that cannot', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    const { of } = await doctor({ ...base, local: { model: 'qwen-0.5b' } })
    expect(of('model qwen2.5-coder-0.5b')[0]).toMatchObject({
      status: 'warn',
      fix: 'Run "costeer pull qwen2.5-coder-0.5b".',
    })
    expect(of('sources of models')).toHaveLength(1)
    expect(of('upstream own')[0]?.status).toBe('warn')
  })

  test('points at profile files that are broken or missing, without their text', async () => {
    await importTiny()
    await writeFile(join(folder, 'profiles/bob.yaml'), 'id: bob\nname: [secret-marker]\n')
    const { of } = await doctor({ ...base, profiles: { folder: 'profiles', users: { carl: 'carl' } } })
    expect(of('profiles')).toMatchObject([
      { status: 'warn', message: expect.stringContaining('bob.yaml:2') },
      {
        status: 'fail',
        message: expect.stringContaining('profiles.users'),
        fix: expect.stringContaining('new carl'),
      },
    ])
  })

  test('refuses an address that is open to others without a key', async () => {
    const open = await doctor({ ...base, server: { host: '0.0.0.0' } })
    expect(open.of('access')[0]).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('server.keys'),
    })
    const keys = [{ key: 'secret-marker' }]
    const plain = await doctor({ ...base, server: { host: '0.0.0.0', keys } })
    expect(plain.of('access')[0]).toMatchObject({ status: 'warn', fix: expect.stringContaining('sha256') })
    const hashed = await doctor({ ...base, server: { keys: [{ sha256: 'a'.repeat(64) }] } })
    expect(hashed.of('access')[0]?.status).toBe('ok')
  })

  test('says which profiles hold nothing but a name', async () => {
    await importTiny()
    await writeFile(join(folder, 'profiles/bob.yaml'), 'id: bob\nname: Bob\n')
    expect((await doctor(base)).of('profiles')).toMatchObject([
      { status: 'warn', message: 'Nothing but a name stands in bob: answers stay as they are.' },
    ])
  })

  test('tells a port that another gateway has from one that another program has', async () => {
    const gateway = await listening({ script: { choices: [] } })
    vi.stubEnv('COSTEER_PORT', new URL(gateway.url).port)
    expect((await doctor(base)).of('port')[0]).toMatchObject({ status: 'warn' })
    const other = createServer((socket) => socket.end('no HTTP').resume())
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    vi.stubEnv('COSTEER_PORT', String(typeof address === 'object' ? address?.port : ''))
    expect((await doctor(base)).of('port')[0]).toMatchObject({ status: 'fail' })
    await new Promise((resolve) => other.close(resolve))
  })

  test('says that a server is not there, and that its key is not set', async () => {
    await importTiny()
    const server = { kind: 'vllm', url: 'http://127.0.0.1:9' }
    const down = await doctor({ ...base, upstreams: { own: server } })
    expect(down.of('upstream own')[0]).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
    })
    const keyless = await doctor({
      ...base,
      upstreams: { own: { ...server, api_key_env: 'COSTEER_TEST_UNSET' } },
    })
    expect(keyless.of('upstream own')[0]?.message).toContain('COSTEER_TEST_UNSET')
  })
})
