import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ownConfigFolder } from '../installation/own-config-folder.ts'
import { runCommand } from '../run-command.ts'

let folder = ''
let unit = ''
beforeEach(() => {
  folder = ownConfigFolder()
  unit = join(folder, 'systemd/user/costeer.service')
})

/** Stands for systemctl, whose user's systemd a test cannot have: keeps its words, and says `reply`. */
async function systemctl(reply: string): Promise<() => Promise<string[]>> {
  const bin = join(folder, 'bin')
  const log = join(folder, 'log')
  await mkdir(bin, { recursive: true })
  await writeFile(log, '')
  await writeFile(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${log}'\n${reply}\n`)
  await chmod(join(bin, 'systemctl'), 0o755)
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`)
  return async () => (await readFile(log, 'utf8')).trim().split('\n')
}

function run(...words: string[]) {
  return runCommand('service', ...words, '--platform', 'linux')
}

describe('costeer service', () => {
  test('writes a unit that only the user can read, and starts it', async () => {
    const words = await systemctl('')
    const { out, failure } = await run('install', '--config', 'config/vllm.yaml')
    expect(failure).toBeNull()
    expect(out).toContain(unit)
    expect(out).toContain('journalctl --user -u costeer')
    expect(await words()).toEqual([
      '--user daemon-reload',
      '--user enable costeer.service',
      '--user restart costeer.service',
    ])
    expect(await readFile(unit, 'utf8')).toContain(join(process.cwd(), 'config/vllm.yaml'))
    expect((await stat(unit)).mode & 0o777).toBe(0o600)
  })

  test('says whether it runs, and fails unless it does', async () => {
    await systemctl('echo active')
    expect((await run('status')).failure).toMatchObject({
      message: expect.stringContaining('service install'),
    })
    await run('install')
    expect((await run('status')).out).toContain('It runs')
    expect(JSON.parse((await run('status', '--json')).out)).toEqual({
      file: unit,
      installed: true,
      running: true,
    })
    await systemctl('echo failed; exit 3')
    expect((await run('status')).failure).toMatchObject({ message: expect.stringContaining('does not run') })
  })

  test('removes what it wrote, also where it cannot be ended', async () => {
    const words = await systemctl('[ "$2" != disable ]')
    await run('install')
    expect((await run('remove')).failure).toBeNull()
    expect(existsSync(unit)).toBe(false)
    expect((await words()).slice(-2)).toEqual([
      '--user disable --now costeer.service',
      '--user daemon-reload',
    ])
    expect((await run('remove')).out).toBe('There is no service.\n')
  })

  test('passes on why a start failed, and says where there is no systemd', async () => {
    await systemctl('echo "Failed to connect to bus" >&2; exit 1')
    expect((await run('install')).failure).toMatchObject({
      code: 'invalid_request',
      message: '"systemctl --user daemon-reload" failed: Failed to connect to bus',
    })
    vi.stubEnv('PATH', '/nowhere')
    expect((await run('install')).failure).toMatchObject({
      message: expect.stringContaining('There is no systemctl here'),
    })
  })

  test('--dry-run shows everything and changes nothing', async () => {
    const { out } = await run('install', '--dry-run')
    expect(out).toContain('ExecStart=')
    expect(out).toContain('$ systemctl --user restart costeer.service')
    expect(existsSync(unit)).toBe(false)
  })

  test('keeps where the user has models, and a port that was chosen', async () => {
    vi.stubEnv('COSTEER_HOME', '/models of mine')
    vi.stubEnv('COSTEER_PORT', '9000')
    const { out } = await run('install', '--dry-run')
    expect(out).toContain('Environment="COSTEER_HOME=/models of mine"')
    expect(out).toContain('"--port" "9000"')
  })

  test('warns of keys that stand in variables, which a service does not have', async () => {
    const config = join(folder, 'far.yaml')
    const far = 'upstreams: { far: { kind: vllm, url: "http://far", api_key_env: FAR_KEY } }\n'
    await writeFile(config, far)
    expect((await run('install', '--dry-run', '--config', config)).err).toContain('no variable FAR_KEY')
  })

  test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('writes a unit that systemd takes', async () => {
    await systemctl('')
    await run('install', '--config', 'config/default.yaml')
    const program = join(process.cwd(), 'dist/main.js')
    expect(await readFile(unit, 'utf8')).toContain(program)
    const said = execFileSync('systemd-analyze', ['verify', '--user', '--man=no', unit], {
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
      stdio: 'pipe',
    })
    expect(said.toString()).toBe('')
  })
})
