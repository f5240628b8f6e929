import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'

const UPSTREAMS = 'upstreams:\n  big: { kind: embedded }\n'
function sha256(text: string) {
  return createHash('sha256').update(text).digest('hex')
}

async function loadKeys(keys: string, files: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'costeer-keys-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'config.yaml'), `${UPSTREAMS}server:\n  keys: ${keys}\n`)
  return (await loadConfig(join(folder, 'config.yaml'))).config.server.keys
}

describe('server.keys[].key_file', () => {
  test('becomes the SHA-256 of the key, without the line end that editors add', async () => {
    const keys = await loadKeys('[{ key_file: key, profile: ann }]', { key: 'a-long-secret\r\n' })
    expect(keys).toEqual([{ sha256: sha256('a-long-secret'), profile: 'ann', admin: false }])
  })

  test('and a key of the file itself, which is kept as its SHA-256 only', async () => {
    expect(await loadKeys('[{ key: a-long-secret, admin: true }]')).toEqual([
      { sha256: sha256('a-long-secret'), admin: true },
    ])
  })

  test('follows the symbolic links of a mounted secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'costeer-secret-'))
    await mkdir(join(folder, '..2026'))
    await writeFile(join(folder, '..2026', 'key'), 'a-long-secret')
    await symlink('..2026', join(folder, '..data'))
    await symlink(join('..data', 'key'), join(folder, 'key'))
    expect(await loadKeys(`[{ key_file: ${folder}/key }]`)).toMatchObject([
      { sha256: sha256('a-long-secret') },
    ])
  })

  test('is not waited for when it is a pipe, nor read without end when it is a device', async () => {
    const pipe = join(await mkdtemp(join(tmpdir(), 'costeer-keys-')), 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, '/dev/zero'])
      await expect(loadKeys(`[{ key_file: "${path}" }]`)).rejects.toThrow(
        `server.keys.0.key_file: ${path} cannot be read (it is no regular file).`,
      )
  })

  test('is named when it is missing', async () => {
    await expect(loadKeys('[{ key_file: nowhere }]')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/^server\.keys\.0\.key_file: .*nowhere cannot be read \(ENOENT\)\.$/),
    })
  })

  test.each(['', 'short', 'two words of it', 'line one\nline two'])(
    'is refused without showing its content when it holds %j',
    async (text) => {
      const failure = await loadKeys('[{ key_file: key }]', { key: text }).catch(String)
      expect(failure).toMatch(/must hold one key of at least 8 characters/)
      if (text !== '') expect(failure).not.toContain(text)
    },
  )

  test.each(['{}', '{ key: a-long-secret, key_file: key }', `{ sha256: ${sha256('x')}, key_file: key }`])(
    '%s is refused: a key is given in exactly one way',
    async (entry) => {
      await expect(loadKeys(`[${entry}]`)).rejects.toThrow(/exactly one of `key`, `sha256` and `key_file`/)
    },
  )
})
