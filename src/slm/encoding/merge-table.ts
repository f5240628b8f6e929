/**
 * The merges of a byte pair encoding as a hash table of plain numbers, which threads share without
 * copying. For each slot four values: left symbol (-1 in a free slot), right symbol, rank of the merge (0
 * comes first), symbol it gives.
 */
export type MergeTable = Int32Array

const SLOT = 4
/** Where a slot keeps its values. */
export const RANK = 2
export const RESULT = 3

export interface Merge {
  readonly left: number
  readonly right: number
  readonly result: number
  readonly rank: number
}

/** Of a pair that is listed twice, the last one counts. */
export function createMergeTable(merges: readonly Merge[]): MergeTable {
  const slots = 2 ** Math.max(4, Math.ceil(Math.log2(merges.length * 1.5 + 1)))
  const table = new Int32Array(
    new SharedArrayBuffer(slots * SLOT * Int32Array.BYTES_PER_ELEMENT),
  ) as unknown as MergeTable
  table.fill(-1)
  for (const { left, right, rank, result } of merges) {
    const at = slotOf(table, left, right)
    table.set([left, right, rank, result], at)
  }
  return table
}

/** Where the pair's values begin, or -1 when it never merges. */
export function findMerge(table: MergeTable, left: number, right: number): number {
  const at = slotOf(table, left, right)
  return table[at] === -1 ? -1 : at
}

/** The pair's slot, or the free one where it belongs. */
function slotOf(table: MergeTable, left: number, right: number): number {
  const mask = table.length / SLOT - 1
  let slot = hashed(left, right) & mask
  for (;;) {
    const at = slot * SLOT
    const found = table[at]
    if (found === -1 || (found === left && table[at + 1] === right)) return at
    slot = (slot + 1) & mask
  }
}

function hashed(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 7
}
