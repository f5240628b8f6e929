import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** SHA-256 of a file, hex. Rejects with the signal's reason. */
export function fileDigest(path: string, signal?: AbortSignal): Promise<string> {
  return digestWith(createHash('sha256'), path, signal)
}

/** Of a model in several files, in their order, by the SHA-256 of each; that of one file is its own. */
export function digestOfParts(digests: readonly string[]): string {
  const [only] = digests
  if (only !== undefined && digests.length === 1) return only
  return createHash('sha256').update(digests.join('\n')).digest('hex')
}

/** What Git calls a file of `bytes` bytes: SHA-1 of header and content, hex. Rejects as the other does. */
export function gitDigest(path: string, bytes: number, signal?: AbortSignal): Promise<string> {
  return digestWith(createHash('sha1').update(`blob ${bytes}\0`), path, signal)
}

async function digestWith(hash: Hash, path: string, signal?: AbortSignal): Promise<string> {
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    signal?.throwIfAborted()
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
