import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aliasSecret } from '../../../src/gateway/guarding/alias-secret.ts'
import { makeGuard } from '../../../src/guard/make-guard.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-secret-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the secret of aliases', () => {
  test('is the same after a restart, and so are the aliases of a conversation', async () => {
    const aliasNow = async () => {
      const secret = await aliasSecret(join(folder, 'home'))
      const values = [{ kind: 'person' as const, value: 'Noor Lindqvist', forms: [] }]
      return makeGuard({ values, texts: [], secret, conversation: 'a' }).mask('Noor Lindqvist')
    }
    const before = await aliasNow()
    expect(before).not.toContain('Noor')
    expect(await aliasNow()).toBe(before)
  })

  test('is readable by its owner alone, and nothing else is left behind', async () => {
    await aliasSecret(folder)
    expect(readdirSync(folder)).toEqual(['alias-secret'])
    expect(statSync(join(folder, 'alias-secret')).mode & 0o777).toBe(0o600)
  })

  test('is one, however many start at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 8 }, () => aliasSecret(folder)))
    const texts = secrets.map((secret) => Buffer.from(secret).toString('hex'))
    expect(new Set(texts).size).toBe(1)
  })

  test('lasts as long as the process where nothing can be written', async () => {
    writeFileSync(join(folder, 'file'), '')
    expect(await aliasSecret(join(folder, 'file'))).toHaveLength(32)
  })

  test('that was cut short is refused by its name', async () => {
    writeFileSync(join(folder, 'alias-secret'), 'short')
    await expect(aliasSecret(folder)).rejects.toThrow(/alias-secret does not hold 32 bytes/)
  })
})
