import { constants, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { errorCode } from './error-code.ts'

/** Why a file is not read although the system would try; its message is the reason in words. */
export class FileRefused extends Error {
  readonly reason: 'folder' | 'special' | 'too-large' | 'no-answer'

  constructor(reason: FileRefused['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

const ANSWER_MS = 3_000
/** Node has four threads for files. One is left to all other files when a dead mount holds the others. */
const MAX_HANGING = 3
const CHUNK_BYTES = 64 * 1024

const hanging = new Set<string>()

/** Whether an operation still hangs in one of Node's threads, for which the end of the process would wait. */
export function filesHang(): boolean {
  return hanging.size > 0
}

/**
 * An operation on `path` that the system may never end: on a dead mount nothing does. Rejects with
 * FileRefused after 3 s, and at once while an earlier one on this path, or three on others, still hang.
 */
export async function withFileLimit<T>(
  path: string,
  work: () => Promise<T>,
  answerMs = ANSWER_MS,
): Promise<T> {
  if (hanging.has(path) || hanging.size >= MAX_HANGING) throw noAnswer()
  const running = work()
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      hanging.add(path)
      const isBack = () => hanging.delete(path)
      running.then(isBack, isBack)
      reject(noAnswer())
    }, answerMs)
  })
  try {
    return await Promise.race([running, limit])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Reads a file whole, and only a regular one: pipes, sockets and devices may never open or never end. Rejects
 * with FileRefused, also when it holds or grows to more than `maxBytes`, or with the system's error.
 */
export function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  return withFileLimit(path, async () => {
    refuseOthers(await stat(path))
    // What has become a pipe in the meantime must not hang either.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      refuseOthers(found)
      if (found.size > maxBytes) throw tooLarge(maxBytes)
      const chunks: Buffer[] = []
      for (let total = 0; ; ) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null)
        if (bytesRead === 0) return Buffer.concat(chunks)
        total += bytesRead
        if (total > maxBytes) throw tooLarge(maxBytes)
        chunks.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  })
}

/** Rejects with FileRefused unless the file can be opened as one, for readers that open it themselves. */
export async function requireRegularFile(path: string): Promise<void> {
  refuseOthers(await withFileLimit(path, () => stat(path)))
}

/** Why a file could not be read: words, or the system's code. */
export function readProblem(error: unknown): string {
  return error instanceof FileRefused ? error.message : errorCode(error)
}

function refuseOthers(found: Stats): void {
  if (found.isFile()) return
  if (found.isDirectory()) throw new FileRefused('folder', 'it is a folder')
  throw new FileRefused('special', 'it is no regular file')
}

function tooLarge(maxBytes: number): FileRefused {
  return new FileRefused('too-large', `it is larger than ${maxBytes} bytes`)
}

function noAnswer(): FileRefused {
  return new FileRefused('no-answer', 'its disk does not answer')
}
