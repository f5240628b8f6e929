import { open } from 'node:fs/promises'

const TOKENS = 'tokenizer.ggml.tokens'
/** Bytes of a value by GGUF's type number; null for strings and arrays, which say their length. */
const sizes = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8] as const
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
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let at = KEYS_AT
  const count = () => {
    at += 8
    return Number(header.readBigUInt64LE(at - 8))
  }
  const text = () => {
    const length = count()
    at += length
    return decoder.decode(header.subarray(at - length, at))
  }
  const kind = () => {
    at += 4
    return header.readUInt32LE(at - 4)
  }
  const skip = (type: number) => {
    if (type === STRING) text()
    else if (type !== ARRAY) at += sizes[type] ?? 0
    else {
      const inner = kind()
      for (let left = count(); left > 0; left--) skip(inner)
    }
  }
  for (let left = count(); left > 0; left--) {
    const key = text()
    const type = kind()
    if (key !== TOKENS || type !== ARRAY) {
      skip(type)
      continue
    }
    return kind() === STRING ? Array.from({ length: count() }, text) : null
  }
  return null
}
