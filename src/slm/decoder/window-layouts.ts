import { Tensor } from 'onnxruntime-node'
import { companionRows, WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import type { DecoderShape } from '../graph/model-graph.ts'

const HIDDEN = Number.NEGATIVE_INFINITY

/** Where the rows after the past stand in the window, and which of them each new token sees. */
export interface WindowLayout {
  /** [columns]: which of the held rows, the new rows and the row of zeros (in this order) a column shows. */
  readonly columns: Tensor
  /** [new rows * group + companions, columns] */
  readonly mask: Tensor
  /** The same for layers that see the latest tokens only. */
  readonly nearMask: Tensor
  /** The position of each new row within the window. */
  readonly offsets: readonly number[]
}

/** Held rows after the ones that all new tokens see, and then the new tokens: a tree of their own. */
export interface WindowTree {
  /** Held rows that all new tokens see. */
  readonly shared: number
  /** For each row of the tree the index of the one it follows, -1 for the last shared one. */
  readonly parents: Int32Array
  /** How many rows at the end of the tree are new. */
  readonly count: number
}

/** The inputs by which decoder graphs know what a token sees. Those of chains are kept between steps. */
export class WindowLayouts {
  /** Query heads that share a key head. */
  readonly group: number
  readonly #companions: number
  readonly #chains = new Map<number, WindowLayout>()
  /** How many tokens the near layers see; infinite where there are none. */
  readonly #reach: number
  readonly #empty = new Tensor('float32', Float32Array.of(HIDDEN), [1])
  #zeros = new Float32Array(1024)

  constructor(shape: DecoderShape) {
    this.group = shape.heads / shape.kvHeads
    this.#companions = companionRows(shape)
    this.#reach = shape.locality?.tokens ?? Number.POSITIVE_INFINITY
  }

  /** The past's mask, [max(1, tokens)]: all is seen, but for the stand-in row of an empty past. */
  past(tokens: number): Tensor {
    if (tokens === 0) return this.#empty
    if (tokens > this.#zeros.length) this.#zeros = new Float32Array(tokens * 2)
    return new Tensor('float32', this.#zeros.subarray(0, tokens), [tokens])
  }

  /**
   * How many of the past's last rows near layers are given: all that a token of the window could see, which
   * depends on the window alone.
   */
  nearRows(past: number): number {
    return Math.min(past, Math.ceil((this.#reach - 1) / WINDOW_TOKENS) * WINDOW_TOKENS)
  }

  /** The mask of these rows, [new rows * group + companions, max(1, rows)], for new rows at `offsets`. */
  nearPast(past: number, offsets: readonly number[]): Tensor {
    const held = this.nearRows(past)
    const columns = Math.max(1, held)
    const rows = offsets.length * this.group
    const mask = new Float32Array((rows + this.#companions) * columns)
    if (held === 0) mask.fill(HIDDEN)
    for (const [query, offset] of offsets.entries()) {
      const unseen = Math.max(0, Math.min(columns, offset + held - this.#reach + 1))
      for (let member = 0; member < this.group; member++) {
        const start = (query * this.group + member) * columns
        mask.fill(HIDDEN, start, start + unseen)
      }
    }
    return new Tensor('float32', mask, [rows + this.#companions, columns])
  }

  /** `count` new tokens, one after the other, behind `held` rows. */
  chain(held: number, count: number): WindowLayout {
    const key = held * (WINDOW_TOKENS + 1) + count
    const known = this.#chains.get(key)
    if (known) return known
    const parents = Int32Array.from({ length: count }, (_, index) => index - 1)
    const layout = this.tree({ shared: held, parents, count })
    this.#chains.set(key, layout)
    return layout
  }

  /**
   * A row stands in the column of its position, in one of several blocks of WINDOW_TOKENS
   * columns: so each token sums over the same columns, modulo a block, in the same order
   * as in a chain, and gets the same bits.
   */
  tree({ shared, parents, count }: WindowTree): WindowLayout {
    const columns = columnsOf(shared, parents)
    const width = Math.max(WINDOW_TOKENS, ...columns.map((column) => column + 1))
    const total = Math.ceil(width / WINDOW_TOKENS) * WINDOW_TOKENS
    const shown = new Array<number>(total).fill(shared + parents.length)
    for (let row = 0; row < shared; row++) shown[row] = row
    for (const [index, column] of columns.entries()) shown[column] = shared + index
    const sight = { shared, parents, columns, count, total }
    const mask = this.#mask(sight, Number.POSITIVE_INFINITY)
    return {
      columns: new Tensor('int64', BigInt64Array.from(shown, BigInt), [total]),
      mask,
      nearMask: this.#reach >= WINDOW_TOKENS ? mask : this.#mask(sight, this.#reach),
      offsets: windowOffsets(shared, parents).slice(parents.length - count),
    }
  }

  #mask({ shared, parents, columns, count, total }: TreeColumns, reach: number): Tensor {
    const rows = count * this.group
    const mask = new Float32Array((rows + this.#companions) * total)
    mask.fill(HIDDEN, 0, rows * total)
    for (let query = 0; query < count; query++) {
      const start = query * this.group * total
      let distance = 0
      for (let at = parents.length - count + query; at >= 0; at = parents[at] ?? -1)
        if (distance++ < reach) mask[start + (columns[at] ?? 0)] = 0
      mask.fill(0, start + Math.max(0, Math.min(shared, shared + distance - reach)), start + shared)
      for (let member = 1; member < this.group; member++)
        mask.copyWithin(start + member * total, start, start + total)
    }
    return new Tensor('float32', mask, [rows + this.#companions, total])
  }
}

interface TreeColumns extends WindowTree {
  /** The column of each row of the tree. */
  readonly columns: readonly number[]
  readonly total: number
}

/** The position of each row of a tree within the window, when `shared` rows stand before it. */
export function windowOffsets(shared: number, parents: Int32Array): number[] {
  const offsets: number[] = []
  for (const parent of parents) offsets.push(parent < 0 ? shared : (offsets[parent] ?? 0) + 1)
  return offsets
}

/**
 * The block of columns for each row of a tree: the first one in which its position is free, and
 * not before that of the row above it, since the kernel sums from the first column to the last.
 */
export function windowBlocks(parents: Int32Array): number[] {
  const taken = new Set<string>()
  const blocks: number[] = []
  for (const [index, offset] of windowOffsets(0, parents).entries()) {
    let block = blocks[parents[index] ?? -1] ?? 0
    while (taken.has(`${offset} ${block}`)) block++
    taken.add(`${offset} ${block}`)
    blocks.push(block)
  }
  return blocks
}

function columnsOf(shared: number, parents: Int32Array): number[] {
  const blocks = windowBlocks(parents)
  return windowOffsets(shared, parents).map((offset, index) => {
    if (offset >= WINDOW_TOKENS) throw new RangeError('a step may not cross a window')
    return (blocks[index] ?? 0) * WINDOW_TOKENS + offset
  })
}
