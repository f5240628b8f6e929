import { createHash, randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../../error-code.ts'

export interface BlockFolderOptions {
  /** Lies where its maker put it, and is not made here; below it lies one folder for each key. */
  readonly root: string
  /** Names all that rows depend on beside their tokens. */
  readonly key: string
  /** Of the rows of one block. */
  readonly blockBytes: number
}

/** Folders of other keys that nobody has used for so long go: of other models, or of an earlier version. */
const UNUSED_MS = 30 * 24 * 60 * 60 * 1000
/** What lies beside the root belongs to the user: its disk is never filled up. */
const LEFT_FREE_BYTES = 2 ** 30
const KEY_PATTERN = /^[0-9a-f]{16}$/
const DIGEST_BYTES = 32

/** Makes backup programs leave a folder out: https://bford.info/cachedir/ */
const CACHE_TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n# What the local model has read of the profiles. It can be read again.\n'

/**
 * Rows of blocks of tokens as files, one for each block, in a folder for each owner: what has two owners is
 * there twice, so that one can go. Whatever cannot be read is missing, and whatever cannot be written is left
 * out; nothing here fails.
 */
export class BlockFolder {
  readonly #root: string
  readonly #folder: string
  readonly #file: Buffer
  /** Keys of blocks that lie on disk, by their owners. */
  readonly #there = new Map<string, Set<string>>()
  /** Those that owners have kept since they were renewed. */
  readonly #wanted = new Map<string, Set<string>>()
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor({ root, key, blockBytes }: BlockFolderOptions) {
    this.#root = root
    this.#folder = join(root, key)
    this.#file = Buffer.allocUnsafeSlow(blockBytes + DIGEST_BYTES)
    for (const owner of listed(this.#folder)) this.#look(owner)
  }

  /** Whether anything may be found. */
  get hasAny(): boolean {
    return this.#there.size > 0
  }

  /** The rows of a block, until the next are read; null where they are not on disk. */
  read(key: string): Float32Array | null {
    for (const [owner, keys] of this.#there) {
      if (!keys.has(key)) continue
      const path = join(this.#folder, owner, key)
      if (this.#readInto(path, key)) return new Float32Array(this.#file.buffer, 0, this.#rowBytes / 4)
      keys.delete(key)
      removeQuietly(path)
    }
    return null
  }

  /** Writes blocks, one after the other, until `rowsOf` has one of them no more. */
  keep(owner: string, keys: readonly string[], rowsOf: (key: string) => Float32Array | null): void {
    const wanted = this.#wanted.get(owner) ?? new Set()
    this.#wanted.set(owner, wanted)
    for (const key of keys) wanted.add(key)
    this.#then(async () => {
      const there = this.#there.get(owner) ?? new Set()
      const missing = keys.filter((key) => !there.has(key))
      if (missing.length === 0 || !(await this.#prepare(owner))) return
      this.#there.set(owner, there)
      for (const key of missing) {
        if (!this.#wanted.get(owner)?.has(key)) continue
        const rows = rowsOf(key)
        if (rows === null || this.#closed) return
        await this.#write(join(this.#folder, owner, key), withDigest(rows, key))
        there.add(key)
      }
    })
  }

  /** What the owner has kept counts no more, until it is kept again. */
  renew(owner: string): void {
    this.#wanted.set(owner, new Set())
  }

  /**
   * Removes all of other owners, whichever key it has, what these have not kept since they were renewed, and
   * folders of keys that nobody has used for long. Of owners that were not renewed here all stays.
   */
  trim(owners: readonly string[]): void {
    this.#then(async () => {
      const now = new Date()
      await utimes(this.#folder, now, now).catch(() => {})
      for (const key of await readdir(this.#root)) {
        if (!KEY_PATTERN.test(key)) continue
        const folder = join(this.#root, key)
        const isUnused = now.getTime() - (await stat(folder)).mtimeMs > UNUSED_MS
        await removeAllBut(isUnused ? [] : owners, folder)
        if (isUnused) await rmdir(folder)
      }
      for (const owner of owners) {
        const wanted = this.#wanted.get(owner)
        if (wanted !== undefined) await removeAllBut([...wanted], join(this.#folder, owner))
      }
      this.#there.clear()
      for (const owner of listed(this.#folder)) this.#look(owner)
    })
  }

  /** Resolves once all that was asked for is done. */
  settled(): Promise<void> {
    return this.#work
  }

  /** What is being written is finished, what waits is left out. */
  close(): Promise<void> {
    this.#closed = true
    return this.#work
  }

  get #rowBytes(): number {
    return this.#file.length - DIGEST_BYTES
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(() => (this.#closed ? undefined : work())).catch(() => {})
  }

  #look(owner: string): void {
    this.#there.set(owner, new Set(listed(join(this.#folder, owner))))
  }

  /** Whether the owner's folder is there, and room for more; without room nothing is made. */
  async #prepare(owner: string): Promise<boolean> {
    const { bavail, bsize } = await statfs(dirname(this.#root))
    if (bavail * bsize <= LEFT_FREE_BYTES) return false
    await makePrivate(this.#root)
    await writeFile(join(this.#root, '.gitignore'), '*\n', { mode: 0o600 })
    await writeFile(join(this.#root, 'CACHEDIR.TAG'), CACHE_TAG, { mode: 0o600 })
    await makePrivate(this.#folder)
    await makePrivate(join(this.#folder, owner))
    return true
  }

  /** It appears whole or not at all; what a crash leaves of it after all has the wrong digest. */
  async #write(path: string, content: Uint8Array): Promise<void> {
    const draft = `${path}.${randomBytes(4).toString('hex')}.part`
    try {
      await writeFile(draft, content, { mode: 0o600 })
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {})
      throw error
    }
  }

  #readInto(path: string, key: string): boolean {
    try {
      const file = openSync(path, 'r')
      try {
        // One byte more, which must not be there
        const extra = Buffer.alloc(1)
        if (readSync(file, this.#file, 0, this.#file.length, 0) !== this.#file.length) return false
        if (readSync(file, extra, 0, 1, this.#file.length) !== 0) return false
      } finally {
        closeSync(file)
      }
      const rows = this.#file.subarray(0, this.#rowBytes)
      return digestOf(rows, key).equals(this.#file.subarray(this.#rowBytes))
    } catch {
      return false
    }
  }
}

function digestOf(rows: Uint8Array, key: string): Buffer {
  return createHash('sha256').update(key).update(rows).digest()
}

/** A copy: the rows may be dropped while it is written. */
function withDigest(rows: Float32Array, key: string): Buffer {
  const { buffer, byteOffset, byteLength } = rows
  const content = Buffer.allocUnsafe(byteLength + DIGEST_BYTES)
  content.set(new Uint8Array(buffer, byteOffset, byteLength))
  content.set(digestOf(content.subarray(0, byteLength), key), byteLength)
  return content
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
}

async function removeAllBut(names: readonly string[], folder: string): Promise<void> {
  const kept = new Set(names)
  for (const name of await readdir(folder).catch(() => []))
    if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It is read no more all the same
  }
}
