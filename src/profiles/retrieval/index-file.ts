import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type IndexedText, IndexedTexts } from './indexed-texts.ts'

/** Changes with the way in which texts are divided into words, or the index is laid out. */
const VERSION = 1
const DIGEST_BYTES = 32

/**
 * The index of texts from its file, if that is of just these texts and whole, otherwise built, and kept in
 * the file for its owner alone. A file that cannot be read or written costs time and nothing else. For a
 * thread of its own: it waits for the disk.
 */
export function keptIndex(texts: readonly IndexedText[], path: string): IndexedTexts {
  const digest = digestOf(texts)
  const kept = readKept(path, digest)
  if (kept !== null) return kept
  const index = IndexedTexts.build(texts)
  keep(path, [digest, checksum(index.buffer), new Uint8Array(index.buffer)])
  return index
}

function readKept(path: string, digest: Uint8Array): IndexedTexts | null {
  try {
    const bytes = readFileSync(path)
    if (!bytes.subarray(0, DIGEST_BYTES).equals(digest)) return null
    // A buffer of its own can be handed over, and begins where numbers may.
    const buffer = Uint8Array.from(bytes.subarray(2 * DIGEST_BYTES)).buffer
    const isWhole = bytes.subarray(DIGEST_BYTES, 2 * DIGEST_BYTES).equals(checksum(buffer))
    return isWhole ? new IndexedTexts(buffer) : null
  } catch {
    return null
  }
}

function keep(path: string, parts: readonly Uint8Array[]): void {
  const temporary = `${path}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    rmSync(temporary, { force: true })
    writeFileSync(temporary, Buffer.concat(parts), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } catch {
    // Without a file the index is built again next time.
  }
}

function digestOf(texts: readonly IndexedText[]): Uint8Array {
  const hash = createHash('sha256').update(`${VERSION} ${process.versions.unicode ?? ''}`)
  for (const { heading, text } of texts)
    hash.update(`\0${heading.length} ${text.length}\0`).update(heading).update(text)
  return hash.digest()
}

function checksum(buffer: ArrayBuffer): Uint8Array {
  return createHash('sha256').update(new Uint8Array(buffer)).digest()
}
