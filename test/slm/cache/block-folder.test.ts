import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { BlockFolder } from '../../../src/slm/cache/block-folder.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const FLOATS = 1000
const KEY = '0123456789abcdef'

/** Other rows for each name of a block. */
function rowsOf(block: string): Float32Array {
  return Float32Array.from({ length: FLOATS }, (_, index) => Math.fround(index / 3) + block.length)
}

describe('blocks on disk', () => {
  let root: string
  beforeEach(() => {
    root = join(temporaryFolder(), 'read')
  })

  function open(key = KEY): BlockFolder {
    return new BlockFolder({ root, key, blockBytes: FLOATS * 4 })
  }
  async function kept(owner: string, blocks: readonly string[], folder = open()): Promise<BlockFolder> {
    folder.keep(owner, blocks, rowsOf)
    await folder.settled()
    return folder
  }
  function fileOf(block: string, owner = 'ada'): string {
    return join(root, KEY, owner, block)
  }
  function names(owner = 'ada'): string[] {
    return existsSync(join(root, KEY, owner)) ? readdirSync(join(root, KEY, owner)).sort() : []
  }

  test('are found by whoever opens the folder next, bit for bit', async () => {
    await kept('ada', ['a', 'bb'])
    const next = open()
    expect(next.hasAny).toBe(true)
    expect(next.read('bb')?.slice()).toEqual(rowsOf('bb'))
    expect(next.read('a')?.slice()).toEqual(rowsOf('a'))
    expect(next.read('ccc')).toBeNull()
  })

  test("are their owner's alone, and neither git nor a backup takes them along", async () => {
    await kept('ada', ['a'])
    expect(statSync(fileOf('a')).mode & 0o777).toBe(0o600)
    for (const folder of [root, join(root, KEY), join(root, KEY, 'ada')])
      expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe('*\n')
    expect(readFileSync(join(root, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    )
    expect(names()).toEqual(['a'])
  })

  test.each<[string, (content: Buffer) => Uint8Array]>([
    ['cut', (content) => content.subarray(0, -1)],
    ['longer', (content) => Buffer.concat([content, Buffer.of(0)])],
    ['empty', () => Buffer.alloc(0)],
    ['full of zeros, as after a crash', (content) => Buffer.alloc(content.length)],
    ['changed in one bit', (content) => content.fill((content[9] ?? 0) ^ 1, 9, 10)],
  ])('a file that is %s counts as missing and goes', async (_, broken) => {
    await kept('ada', ['a', 'bb'])
    writeFileSync(fileOf('a'), broken(readFileSync(fileOf('a'))))
    const next = open()
    expect(next.read('a')).toBeNull()
    expect(names()).toEqual(['bb'])
    expect((await kept('ada', ['a'], next)).read('a')?.slice()).toEqual(rowsOf('a'))
  })

  test('a file under the name of another block counts as missing', async () => {
    await kept('ada', ['a', 'bb'])
    writeFileSync(fileOf('a'), readFileSync(fileOf('bb')))
    expect(open().read('a')).toBeNull()
  })

  test('of another key are never found', async () => {
    await kept('ada', ['a'])
    expect(open('fedcba9876543210').read('a')).toBeNull()
  })

  test('of two owners stay when one of them goes', async () => {
    const folder = await kept('ada', ['a', 'bb'])
    await kept('bob', ['a'], folder)
    folder.trim(['bob'])
    await folder.settled()
    expect(existsSync(join(root, KEY, 'ada'))).toBe(false)
    expect(folder.read('a')?.slice()).toEqual(rowsOf('a'))
    expect(folder.read('bb')).toBeNull()
  })

  test('that their owner has kept again since it was renewed stay, the others go', async () => {
    const folder = await kept('ada', ['a', 'bb'])
    folder.renew('ada')
    await kept('ada', ['bb', 'ccc'], folder)
    expect(names()).toEqual(['a', 'bb', 'ccc'])
    folder.trim(['ada'])
    await folder.settled()
    expect(names()).toEqual(['bb', 'ccc'])
  })

  test('of an owner that this process has not renewed all stay', async () => {
    await kept('ada', ['a'])
    const next = open()
    next.trim(['ada'])
    await next.settled()
    expect(names()).toEqual(['a'])
  })

  test('that wait to be written are not once their owner is renewed', async () => {
    const folder = open()
    folder.keep('ada', ['a', 'bb'], (block) => {
      if (block === 'a') folder.renew('ada')
      return rowsOf(block)
    })
    await folder.settled()
    expect(names()).toEqual(['a'])
  })

  test('end where memory has lost one: what follows it could not be found', async () => {
    const folder = open()
    folder.keep('ada', ['a', 'bb', 'ccc'], (block) => (block === 'bb' ? null : rowsOf(block)))
    await folder.settled()
    expect(names()).toEqual(['a'])
  })

  test('nothing more is written once it was closed', async () => {
    const folder = open()
    folder.keep('ada', ['a', 'bb'], (block) => {
      void folder.close()
      return rowsOf(block)
    })
    await folder.close()
    await kept('ada', ['ccc'], folder)
    expect(names()).toEqual([])
  })

  test('of removed owners go under every key, those of a key that nobody uses all', async () => {
    const folders = ['1'.repeat(16), '2'.repeat(16)].map((key) => join(root, key))
    for (const folder of folders)
      for (const owner of ['ada', 'bob']) mkdirSync(join(folder, owner), { recursive: true })
    mkdirSync(join(root, 'of the user'))
    const longAgo = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000)
    utimesSync(folders[1] ?? '', longAgo, longAgo)
    const folder = await kept('ada', ['a'])
    folder.trim(['ada'])
    await folder.settled()
    expect(readdirSync(folders[0] ?? '')).toEqual(['ada'])
    expect(readdirSync(root).sort()).toEqual(
      ['.gitignore', KEY, '1'.repeat(16), 'CACHEDIR.TAG', 'of the user'].sort(),
    )
  })

  test('a place that cannot be written holds nothing, and nothing fails', async () => {
    writeFileSync(root, 'a file')
    const folder = await kept('ada', ['a'])
    folder.trim([])
    await folder.settled()
    expect(folder.read('a')).toBeNull()
    expect(readFileSync(root, 'utf8')).toBe('a file')
  })

  test('a folder that may only be read is read', async () => {
    await kept('ada', ['a'])
    for (const path of [join(root, KEY, 'ada'), join(root, KEY), root]) chmodSync(path, 0o500)
    const folder = await kept('bob', ['bb'])
    expect(folder.read('a')?.slice()).toEqual(rowsOf('a'))
    for (const path of [root, join(root, KEY), join(root, KEY, 'ada')]) chmodSync(path, 0o700)
  })

  test('a missing parent is not made', async () => {
    root = join(root, 'missing', 'read')
    await kept('ada', ['a'])
    expect(existsSync(join(root, '..'))).toBe(false)
  })
})
