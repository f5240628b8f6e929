import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keptIndex } from '../../../src/profiles/retrieval/index-file.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { CANARY } from '../sample-profile.ts'

const texts = [
  { heading: 'Ladder', text: 'It is back behind the shed.' },
  { heading: '', text: CANARY },
]
const otherTexts = [{ heading: 'Train', text: 'It was late.' }]

describe('keptIndex', () => {
  test('keeps an index for its owner alone, and reads it again', () => {
    const folder = join(temporaryFolder(), 'text-indexes')
    const path = join(folder, 'a.index')
    const built = keptIndex(texts, path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const { mtimeNs } = statSync(path, { bigint: true })
    expect(keptIndex(texts, path).buffer).toEqual(built.buffer)
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs)
  })

  test('holds the words of the last texts and nothing of those before', () => {
    const path = join(temporaryFolder(), 'a.index')
    keptIndex(texts, path)
    expect([...keptIndex(otherTexts, path).scores(['train'])]).toEqual([expect.any(Number)])
    const kept = readFileSync(path)
    for (const encoding of ['utf8', 'utf16le'] as const) {
      expect(kept.includes(Buffer.from('canary', encoding))).toBe(false)
      expect(kept.includes(Buffer.from('shed', encoding))).toBe(false)
    }
    expect(readdirSync(join(path, '..'))).toEqual(['a.index'])
  })

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -3)],
    ['damaged', (bytes: Buffer) => bytes.fill(0xff, 70, 90)],
    ['no index', () => Buffer.from('hello')],
  ])('builds anew what is %s', (_what, spoil) => {
    const path = join(temporaryFolder(), 'a.index')
    const { buffer } = keptIndex(texts, path)
    writeFileSync(path, spoil(readFileSync(path)))
    expect(keptIndex(texts, path).buffer).toEqual(buffer)
  })

  test('does without a folder that it cannot write', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'closed'))
    chmodSync(join(folder, 'closed'), 0o500)
    writeFileSync(join(folder, 'file'), '')
    for (const path of ['closed/a.index', 'file/a.index']) {
      expect([...keptIndex(texts, join(folder, path)).scores(['ladder'])][0]).toBeGreaterThan(0)
    }
  })
})
