import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { zipEntries } from '../../../src/profiles/importing/zip-entries.ts'
import { fileOf } from './import-samples.ts'

async function unpacked(zip: Uint8Array, pieceBytes: number, wants = (_name: string) => true) {
  const found: Record<string, string> = {}
  for await (const { name, bytes } of zipEntries(fileOf('', zip, pieceBytes).bytes, {
    name: 'a.zip',
    wants,
  })) {
    const parts: Uint8Array[] = []
    for await (const part of bytes) parts.push(part)
    found[name] = Buffer.concat(parts).toString()
  }
  return found
}

describe('zipEntries', () => {
  const files = { 'a.txt': 'first', 'b/c.txt': 'second'.repeat(5000), 'd.bin': 'third' }
  const zip = zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  )

  test.each([1, 13, 100_000])('gives the files in pieces of %i bytes', async (pieceBytes) => {
    expect(await unpacked(zip, pieceBytes)).toEqual(files)
  })

  test('gives the wanted files alone', async () => {
    expect(Object.keys(await unpacked(zip, 50, (name) => name.endsWith('.txt')))).toEqual([
      'a.txt',
      'b/c.txt',
    ])
  })

  test('goes on behind a file that nobody read', async () => {
    const names: string[] = []
    for await (const { name } of zipEntries(fileOf('', zip).bytes, { name: 'a.zip', wants: () => true }))
      names.push(name)
    expect(names).toEqual(Object.keys(files))
  })

  test.each([7, 100_000])('tells when each was changed, in pieces of %i bytes', async (pieceBytes) => {
    const dated = zipSync({
      'a.txt': [Buffer.from('a'), { mtime: new Date(2024, 1, 29, 12) }],
      'ä/b.txt': [Buffer.from('b'.repeat(40_000)), { mtime: new Date(2019, 11, 31, 12), level: 0 }],
      'none.txt': [Buffer.from('c'), { mtime: new Date(1980, 0, 1) }],
    })
    const dates: Record<string, string | null> = {}
    const entries = zipEntries(fileOf('', dated, pieceBytes).bytes, { name: 'a.zip', wants: () => true })
    for await (const { name, modified } of entries) dates[name] = modified
    expect(dates).toEqual({ 'a.txt': '2024-02-29', 'ä/b.txt': '2019-12-31', 'none.txt': null })
  })

  test.each([
    ['cut off', zip.subarray(0, 60)],
    ['no zip', Buffer.from('PK and then nothing')],
  ])('refuses what is %s', async (_what, bytes) => {
    await expect(unpacked(bytes, 20)).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
