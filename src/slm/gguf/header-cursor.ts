/** Bytes of a value by GGUF's type number; null for strings and arrays, which say their length. */
const sizes = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8] as const
const STRING = 8
const ARRAY = 9

/** Goes through a GGUF header in bytes. Throws RangeError where they end before it does. */
export class HeaderCursor {
  /** Where it is. */
  at: number
  readonly #bytes: Buffer
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** A number of 8 bytes, as lengths are. */
  count(): number {
    this.at += 8
    return Number(this.#bytes.readBigUInt64LE(this.at - 8))
  }

  /** A number of 4 bytes, as types are. */
  kind(): number {
    this.at += 4
    return this.#bytes.readUInt32LE(this.at - 4)
  }

  text(): string {
    const length = this.count()
    this.move(length)
    return this.#decoder.decode(this.#bytes.subarray(this.at - length, this.at))
  }

  move(bytes: number): void {
    this.at += bytes
    if (this.at > this.#bytes.length) throw new RangeError('the header goes on')
  }

  /** Passes a value of a type. Throws TypeError for a type that GGUF does not have. */
  skip(type: number): void {
    if (type === ARRAY) this.#skipArray()
    else this.move(type === STRING ? this.count() : sizeOf(type))
  }

  #skipArray(): void {
    const type = this.kind()
    const length = this.count()
    if (type !== STRING && type !== ARRAY) this.move(length * sizeOf(type))
    else for (let left = length; left > 0; left--) this.skip(type)
  }
}

function sizeOf(type: number): number {
  const size = sizes[type]
  if (size == null) throw new TypeError(`GGUF has no type ${type}`)
  return size
}
