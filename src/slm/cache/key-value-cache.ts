// Cache: keys and values of tokens that were computed. This room owns their memory, and finding again what
// sequences share. It must not know how graphs are built, nor who asks.

import type { DecoderShape } from '../graph/model-graph.ts'

type CacheShape = Pick<DecoderShape, 'layers' | 'kvHeads' | 'headDim' | 'contextTokens'>

/** Rows that a graph run returned: for each layer keys, then values, of `count` rows [kvHeads * headDim]. */
export interface NewRows {
  readonly values: Float32Array
  readonly count: number
}

const FIRST_CAPACITY = 256

/** Bytes of a token's keys and values in all layers. */
export function tokenBytes({ layers, kvHeads, headDim }: Omit<CacheShape, 'contextTokens'>): number {
  return layers * 2 * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT
}

/**
 * Keys and values of one stream's tokens. Each layer's keys, and its values, lie token after token in
 * one stretch, so that the graph reads any prefix of them where it is. Rolling back is setting `length`.
 */
export class KeyValueCache {
  readonly #shape: CacheShape
  readonly #rowFloats: number
  readonly #planes: number
  #data: Float32Array<ArrayBuffer>
  #capacity: number
  #length = 0
  #revision = 0

  /** `capacityTokens` is a guess that spares moves; the cache grows beyond it up to the window. */
  constructor(shape: CacheShape, capacityTokens = FIRST_CAPACITY) {
    this.#shape = shape
    this.#rowFloats = shape.kvHeads * shape.headDim
    this.#planes = shape.layers * 2
    this.#capacity = Math.max(1, Math.min(capacityTokens, shape.contextTokens))
    this.#data = floatPages(this.#planes * this.#capacity * this.#rowFloats)
  }

  /** Changes with every change of the content. */
  get revision(): number {
    return this.#revision
  }

  get length(): number {
    return this.#length
  }

  /** Forgets all tokens from `length` on. */
  truncate(length: number): void {
    if (length > this.#length) throw new RangeError('a cache is truncated to fewer tokens')
    if (length < this.#length) this.#revision++
    this.#length = length
  }

  /** The rows from `from` on of a plane (2 * layer for keys, 2 * layer + 1 for values), without copying. */
  rows(plane: number, from: number): Float32Array {
    const start = (plane * this.#capacity + from) * this.#rowFloats
    return this.#data.subarray(start, (plane + 1) * this.#capacity * this.#rowFloats)
  }

  /** Appends rows `from` to `from + count` of what a run returned. */
  append(rows: NewRows, from: number, count: number): void {
    this.#reserve(this.#length + count)
    const width = this.#rowFloats
    for (let plane = 0; plane < this.#planes; plane++) {
      const source = (plane * rows.count + from) * width
      const target = (plane * this.#capacity + this.#length) * width
      this.#data.set(rows.values.subarray(source, source + count * width), target)
    }
    this.#length += count
    this.#revision++
  }

  /** Gives the memory back; the cache is of no use afterwards. */
  release(): void {
    this.#length = 0
    releasePages(this.#data)
  }

  /**
   * A copy of rows `from` to `from + count`, in the form that `append` takes; one that is `lasting` has pages
   * of its own, until `releaseRows`.
   */
  copy(from: number, count: number, { lasting = false } = {}): NewRows {
    const width = this.#rowFloats
    const length = this.#planes * count * width
    const values = lasting ? floatPages(length) : new Float32Array(length)
    for (let plane = 0; plane < this.#planes; plane++) {
      const source = (plane * this.#capacity + from) * width
      values.set(this.#data.subarray(source, source + count * width), plane * count * width)
    }
    return { values, count }
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return
    const capacity = Math.min(
      Math.max(tokens, Math.ceil(this.#capacity * 1.5)),
      Math.max(tokens, this.#shape.contextTokens),
    )
    const width = this.#rowFloats
    const data = floatPages(this.#planes * capacity * width)
    for (let plane = 0; plane < this.#planes; plane++)
      data.set(this.rows(plane, 0).subarray(0, this.#length * width), plane * capacity * width)
    releasePages(this.#data)
    this.#data = data
    this.#capacity = capacity
  }
}

/**
 * Zeros in pages of their own: those that nobody writes take no memory, and the others are given back when
 * they are released, not when the garbage collector comes by; caches are far too large to wait for it.
 */
function floatPages(length: number): Float32Array<ArrayBuffer> {
  const bytes = length * Float32Array.BYTES_PER_ELEMENT
  return new Float32Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, length)
}

function releasePages({ buffer }: Float32Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0)
}

/** A copy with pages of its own, until `releaseRows`. */
export function lastingRows(source: Float32Array, count: number): NewRows {
  const values = floatPages(source.length)
  values.set(source)
  return { values, count }
}

/** Gives the memory of a lasting copy back; the rows are of no use afterwards. */
export function releaseRows({ values }: NewRows): void {
  releasePages(values)
}
