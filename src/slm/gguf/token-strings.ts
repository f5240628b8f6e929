import { open } from 'node:fs/promises'
import { HeaderCursor } from './header-cursor.ts'

const TOKENS = 'tokenizer.ggml.tokens'
const STRING = 8
const ARRAY = 9
/** Magic, version, number of tensors; then that of keys. */
const KEYS_AT = 16

/**
 * The library that reads the header drops a byte order mark with which a text begins, so that two tokens may
 * look the same. Then this reads the tokens as they are. `headerBytes` is where the header ends at the
 * latest.
 */
export async function exactTokens(path: string, listed: unknown, headerBytes: number): Promise<unknown> {
  if (!Array.isArray(listed) || new Set(listed).size === listed.length) return listed
  const file = await open(path, 'r')
  try {
    const header = Buffer.alloc(headerBytes)
    await file.read(header, 0, headerBytes, 0)
    return tokensOf(header) ?? listed
  } finally {
    await file.close()
  }
}

function tokensOf(header: Buffer): string[] | null {
  const cursor = new HeaderCursor(header, KEYS_AT)
  for (let left = cursor.count(); left > 0; left--) {
    const key = cursor.text()
    const type = cursor.kind()
    if (key !== TOKENS || type !== ARRAY) {
      cursor.skip(type)
      continue
    }
    return cursor.kind() === STRING ? Array.from({ length: cursor.count() }, () => cursor.text()) : null
  }
  return null
}
