import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { listeningServer } from '../../upstream/http/listening-server.ts'
import { runCommand } from '../run-command.ts'

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'))
afterEach(() => vi.unstubAllEnvs())

/** npm, configured for a registry of this test which knows one version. */
async function registry(newest: string | null) {
  const asked: string[] = []
  const server = await listeningServer((response, { url = '' }) => {
    asked.push(url)
    if (newest === null) response.statusCode = 404
    response.setHeader('content-type', 'application/json')
    const versions = { [newest ?? '']: { name, version: newest, dist: { tarball: 'none', shasum: '0' } } }
    response.end(JSON.stringify(newest === null ? {} : { name, 'dist-tags': { latest: newest }, versions }))
  })
  const cache = await mkdtemp(join(tmpdir(), 'costeer-npm-'))
  onTestFinished(() => rm(cache, { recursive: true }))
  vi.stubEnv('npm_config_registry', server.url)
  vi.stubEnv('npm_config_cache', cache)
  vi.stubEnv('npm_config_fetch_retries', '0')
  return asked
}

describe('costeer update', () => {
  test('asks nobody, and says how', async () => {
    const asked = await registry('99.0.0')
    const { out } = await runCommand('update')
    expect(out).toMatch(`This is ${version}. To update: `)
    expect(asked).toEqual([])
  })

  test('with --check has npm ask the registry that it is configured for', async () => {
    const asked = await registry('99.0.0')
    expect((await runCommand('update', '--check')).out).toContain(`99.0.0 is there, and this is ${version}.`)
    expect(asked).toEqual([`/${name}`])
    await registry(version)
    expect((await runCommand('update', '--check')).out).toBe(`This is ${version}, the newest.\n`)
    await registry('0.0.1')
    const { out } = await runCommand('update', '--check', '--json')
    expect(JSON.parse(out)).toMatchObject({ current: version, newest: '0.0.1', update: false })
  })

  test('says why npm could not tell', async () => {
    await registry(null)
    expect((await runCommand('update', '--check')).failure).toMatchObject({
      code: 'invalid_request',
      message: `npm cannot tell the newest version (E404). Look with: npm view ${name}@latest`,
    })
    vi.stubEnv('PATH', '/nowhere')
    expect((await runCommand('update', '--check')).failure).toMatchObject({
      message: expect.stringContaining('npm is not there'),
    })
  })
})
