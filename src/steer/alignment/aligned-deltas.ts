import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'
import { UNALIGNED, type VocabularyAlignment } from './vocabulary-alignment.ts'

/**
 * Reads a local row's deltas at the upstream's tokens: each takes that of its target, tokens without
 * one the neutral delta. Keeps buffers between calls; one object serves all rows of a thread.
 */
export class AlignedDeltas {
  readonly #targets: Int32Array
  /** For each local token the upstream tokens that take its delta. */
  readonly #takers: Int32Array
  /** Upstream tokens without a target. */
  readonly #unaligned: number
  /** Local tokens without takers, which begin the buffer of those that a bound leaves out. */
  readonly #untaken: number
  #leftOut: Int32Array
  #local = new Int32Array(0)

  constructor({ targets, counterparts }: Pick<VocabularyAlignment, 'targets' | 'counterparts'>) {
    this.#targets = targets
    this.#takers = new Int32Array(counterparts.length)
    let unaligned = 0
    for (const target of targets) {
      if (target === UNALIGNED) unaligned++
      else this.#takers[target] = at(this.#takers, target) + 1
    }
    this.#unaligned = unaligned
    const untaken: number[] = []
    for (const [id, takers] of this.#takers.entries()) if (takers === 0) untaken.push(id)
    this.#untaken = untaken.length
    this.#leftOut = Int32Array.from(untaken)
  }

  /** As `LocalRow.deltasInto`, for upstream ids. */
  into(row: LocalRow, ids: Int32Array, into: Float64Array): void {
    if (this.#local.length < ids.length) this.#local = new Int32Array(ids.length)
    const local = this.#local.subarray(0, ids.length)
    for (let i = 0; i < ids.length; i++) local[i] = Math.max(0, this.#target(ids, i))
    row.deltasInto(local, into)
    for (let i = 0; i < ids.length; i++) if (this.#target(ids, i) === UNALIGNED) into[i] = row.neutralDelta
  }

  /** As `LocalRow.maxDeltaOutside`, for upstream ids. */
  maxOutside(row: LocalRow, ids: Int32Array): number {
    const takers = this.#takers
    const leftOut = this.#roomFor(ids.length)
    let count = this.#untaken
    let unaligned = this.#unaligned
    for (let i = 0; i < ids.length; i++) {
      const target = this.#target(ids, i)
      if (target === UNALIGNED) {
        unaligned--
        continue
      }
      takers[target] = at(takers, target) - 1
      if (takers[target] === 0) leftOut[count++] = target
    }
    for (let i = 0; i < ids.length; i++) {
      const target = this.#target(ids, i)
      if (target !== UNALIGNED) takers[target] = at(takers, target) + 1
    }
    const largest = row.maxDeltaOutside(leftOut.subarray(0, count))
    return unaligned > 0 ? Math.max(largest, row.neutralDelta) : largest
  }

  /** As `LocalRow.knows`, for an upstream id. */
  knows(row: LocalRow, id: number): boolean {
    const target = at(this.#targets, id)
    return target !== UNALIGNED && (row.knows?.(target) ?? true)
  }

  /** The share of the candidates' probability at tokens that are some local token's, [0, 1]. */
  coverage({ ids, logprobs }: Distribution): number {
    let all = 0
    let aligned = 0
    for (let i = 0; i < ids.length; i++) {
      const probability = Math.exp(logprobs[i] as number)
      all += probability
      if (this.#target(ids, i) !== UNALIGNED) aligned += probability
    }
    return all > 0 ? aligned / all : 0
  }

  #target(ids: Int32Array, index: number): number {
    return at(this.#targets, at(ids, index))
  }

  #roomFor(candidates: number): Int32Array {
    if (this.#leftOut.length < this.#untaken + candidates) {
      const wider = new Int32Array(this.#untaken + candidates)
      wider.set(this.#leftOut.subarray(0, this.#untaken))
      this.#leftOut = wider
    }
    return this.#leftOut
  }
}

/** Reads an index that the caller knows to be in range. */
function at(values: Int32Array, index: number): number {
  return values[index] as number
}
