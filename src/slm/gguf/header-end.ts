import { open } from 'node:fs/promises'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { HeaderCursor } from './header-cursor.ts'

const MAGIC = 'GGUF'
/** Behind magic and version. */
const COUNTS_AT = 8
/** Of a tensor in the directory behind its sizes: its type, and where it lies. */
const TYPE_AND_OFFSET_BYTES = 12
/** More than the library that reads headers takes; the longest vocabularies make 20 MB. */
const MAX_HEADER_BYTES = 2 ** 26

/**
 * Whether the beginning of a GGUF file, which the file at this path holds, is long enough for all that stands
 * before its tensors. Rejects with GatewayError `model_file_invalid` for what is no GGUF file.
 */
export async function hasWholeHeader(path: string): Promise<boolean> {
  const beginning = await beginningOf(path)
  if (beginning.length < COUNTS_AT) return false
  const version = beginning.readUInt32LE(MAGIC.length)
  if (beginning.toString('latin1', 0, MAGIC.length) !== MAGIC || (version !== 2 && version !== 3))
    throw modelFileInvalid(path, 'it is no GGUF file of version 2 or 3. Take another file.')
  try {
    passHeader(new HeaderCursor(beginning, COUNTS_AT))
    return true
  } catch (error) {
    if (error instanceof RangeError && beginning.length < MAX_HEADER_BYTES) return false
    throw modelFileInvalid(path, 'its header is not that of a GGUF file. Take another file.', error)
  }
}

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const beginning = Buffer.alloc(Math.min(size, MAX_HEADER_BYTES))
    const { bytesRead } = await file.read(beginning, 0, beginning.length, 0)
    return beginning.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function passHeader(cursor: HeaderCursor): void {
  const tensors = cursor.count()
  for (let left = cursor.count(); left > 0; left--) {
    cursor.move(cursor.count())
    cursor.skip(cursor.kind())
  }
  for (let left = tensors; left > 0; left--) {
    cursor.move(cursor.count())
    cursor.move(8 * cursor.kind() + TYPE_AND_OFFSET_BYTES)
  }
}
