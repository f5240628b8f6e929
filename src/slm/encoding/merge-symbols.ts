import { findMerge, type MergeTable, RANK, RESULT } from './merge-table.ts'
import { PairQueue } from './pair-queue.ts'

/** Longer pieces are merged by a queue, whose set-up costs more than looking at every pair each time. */
const FEW_SYMBOLS = 32
const NEVER = 0x7fffffff

// Of the pair that begins at each position.
const fewRanks = new Int32Array(FEW_SYMBOLS)
const fewResults = new Int32Array(FEW_SYMBOLS)

/**
 * Merges neighbouring symbols in place, lowest rank first and leftmost first among equals, until no pair
 * is left that merges. Negative symbols never do. Takes time in n log n at most. Returns how many symbols
 * are left.
 */
export function mergeSymbols(symbols: Int32Array, count: number, table: MergeTable): number {
  return count <= FEW_SYMBOLS ? mergeFew(symbols, count, table) : mergeMany(symbols, count, table)
}

/** Where the merge of two symbols stands in the table; -1 when they never merge. */
function mergeOf(table: MergeTable, left: number, right: number): number {
  return left < 0 || right < 0 ? -1 : findMerge(table, left, right)
}

function mergeFew(symbols: Int32Array, count: number, table: MergeTable): number {
  for (let at = 0; at + 1 < count; at++) noteFew(symbols, at, table)
  let left = count
  for (;;) {
    let best = NEVER
    let at = -1
    for (let i = 0; i + 1 < left; i++) {
      const rank = fewRanks[i] as number
      if (rank < best) {
        best = rank
        at = i
      }
    }
    if (at === -1) return left
    left--
    symbols[at] = fewResults[at] as number
    for (let i = at + 1; i < left; i++) {
      symbols[i] = symbols[i + 1] as number
      fewRanks[i] = fewRanks[i + 1] as number
      fewResults[i] = fewResults[i + 1] as number
    }
    if (at > 0) noteFew(symbols, at - 1, table)
    if (at + 1 < left) noteFew(symbols, at, table)
  }
}

function noteFew(symbols: Int32Array, at: number, table: MergeTable): void {
  const merge = mergeOf(table, symbols[at] as number, symbols[at + 1] as number)
  fewRanks[at] = merge === -1 ? NEVER : (table[merge + RANK] as number)
  fewResults[at] = merge === -1 ? -1 : (table[merge + RESULT] as number)
}

function mergeMany(symbols: Int32Array, count: number, table: MergeTable): number {
  const next = new Int32Array(count)
  const previous = new Int32Array(count)
  /** Of the pair that begins at each position. */
  const ranks = new Int32Array(count)
  const queue = new PairQueue()
  const note = (at: number) => {
    const right = next[at] as number
    const merge = right < count ? mergeOf(table, symbols[at] as number, symbols[right] as number) : -1
    const rank = merge === -1 ? NEVER : (table[merge + RANK] as number)
    ranks[at] = rank
    if (merge !== -1) queue.add(rank, at)
  }
  for (let at = count - 1; at >= 0; at--) {
    next[at] = at + 1
    previous[at] = at - 1
  }
  for (let at = 0; at < count; at++) note(at)
  for (let pairs = queue.lowest(); pairs !== null; pairs = queue.lowest()) {
    const at = pairs.take()
    // What was here has merged with a neighbour.
    if (ranks[at] !== pairs.rank) continue
    const right = next[at] as number
    const after = next[right] as number
    const merge = mergeOf(table, symbols[at] as number, symbols[right] as number)
    symbols[at] = table[merge + RESULT] as number
    ranks[right] = NEVER
    next[at] = after
    if (after < count) previous[after] = at
    note(at)
    const before = previous[at] as number
    if (before >= 0) note(before)
  }
  let left = 0
  for (let at = 0; at < count; at = next[at] as number) symbols[left++] = symbols[at] as number
  return left
}
