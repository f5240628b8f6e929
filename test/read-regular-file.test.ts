import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { appendFile, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  FileRefused,
  filesHang,
  readProblem,
  readRegularFile,
  requireRegularFile,
  withFileLimit,
} from '../src/read-regular-file.ts'

const MAX_BYTES = 1_000_000

let folder: string
let server: Server | null = null
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costeer-files-'))
})
afterEach(async () => {
  server?.close()
  server = null
  await rm(folder, { recursive: true })
})

function makePipe(name: string): string {
  const path = join(folder, name)
  execFileSync('mkfifo', [path])
  return path
}

/** Opens a pipe for reading, which hangs until `release` opens its other end. */
function hangOn(path: string) {
  const opening = withFileLimit(path, async () => (await open(path)).close(), 20)
  const release = async () => {
    const writer = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    await writer.close()
  }
  return { opening, release }
}

const others: Record<string, () => Promise<string> | string> = {
  'a pipe': () => makePipe('pipe'),
  'a link to a pipe': async () => {
    await symlink(makePipe('pipe'), join(folder, 'link'))
    return join(folder, 'link')
  },
  'a folder': async () => {
    await mkdir(join(folder, 'folder.yaml'))
    return join(folder, 'folder.yaml')
  },
  'a socket': async () => {
    const path = join(folder, 'socket')
    server = createServer().listen(path)
    await new Promise((resolve) => server?.once('listening', resolve))
    return path
  },
  'a device without end': () => '/dev/zero',
  'a device that is always full': () => '/dev/full',
}

describe('readRegularFile', () => {
  test('gives the bytes of a file, and those behind a link', async () => {
    const path = join(folder, 'file')
    const bytes = Buffer.alloc(300_000, 'costeer')
    await writeFile(path, bytes)
    await symlink(path, join(folder, 'link'))
    expect((await readRegularFile(path, MAX_BYTES)).equals(bytes)).toBe(true)
    expect((await readRegularFile(join(folder, 'link'), bytes.length)).equals(bytes)).toBe(true)
    await writeFile(path, '')
    expect(await readRegularFile(path, 0)).toHaveLength(0)
  })

  test.each(Object.keys(others))('refuses %s at once', async (name) => {
    const path = (await others[name]?.()) ?? ''
    const expected = name === 'a folder' ? 'it is a folder' : 'it is no regular file'
    for (const read of [() => readRegularFile(path, MAX_BYTES), () => requireRegularFile(path)])
      expect(await read().catch(readProblem)).toBe(expected)
    expect(filesHang()).toBe(false)
  })

  test('tells what the system says of a file that is not there', async () => {
    expect(await readRegularFile(join(folder, 'none'), 1).catch(readProblem)).toBe('ENOENT')
  })

  test('refuses a huge file without reading it', async () => {
    const path = join(folder, 'huge')
    await writeFile(path, '')
    await truncate(path, 2 ** 40)
    expect(await readRegularFile(path, MAX_BYTES).catch(readProblem)).toBe('it is larger than 1000000 bytes')
    await truncate(path, MAX_BYTES)
    expect(await readRegularFile(path, MAX_BYTES)).toHaveLength(MAX_BYTES)
    await appendFile(path, 'x')
    expect(await readRegularFile(path, MAX_BYTES).catch(readProblem)).toBe('it is larger than 1000000 bytes')
  })

  test.runIf(process.platform === 'linux')(
    'stops at the limit in a file that holds more than its size',
    async () => {
      const path = '/proc/self/status'
      expect((await readRegularFile(path, MAX_BYTES)).length).toBeGreaterThan(100)
      expect(await readRegularFile(path, 100).catch(readProblem)).toBe('it is larger than 100 bytes')
    },
  )
})

describe('withFileLimit', () => {
  test('gives up what hangs, and refuses it at once until it is over', async () => {
    const pipe = makePipe('pipe')
    const { opening, release } = hangOn(pipe)
    await expect(opening).rejects.toMatchObject({ reason: 'no-answer' })
    expect(filesHang()).toBe(true)
    let isAsked = false
    const again = withFileLimit(pipe, async () => (isAsked = true), 60_000)
    await expect(again).rejects.toBeInstanceOf(FileRefused)
    expect(isAsked).toBe(false)
    await release()
    while (filesHang()) await new Promise(setImmediate)
    await expect(withFileLimit(pipe, async () => 'back')).resolves.toBe('back')
  })

  test('leaves a thread to other files, however many hang', async () => {
    const pipes = ['a', 'b', 'c', 'd', 'e'].map(makePipe)
    const opened: string[] = []
    const held = []
    for (const path of pipes) {
      const { opening, release } = hangOn(path)
      await expect(opening).rejects.toMatchObject({ reason: 'no-answer' })
      opened.push(path)
      if (opened.length <= 3) held.push(release)
    }
    // Whatever asks the system by itself still gets an answer.
    await writeFile(join(folder, 'other'), 'other')
    for (const release of held) await release()
    while (filesHang()) await new Promise(setImmediate)
    expect((await readRegularFile(join(folder, 'other'), MAX_BYTES)).toString()).toBe('other')
  })
})
