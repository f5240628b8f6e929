/**
 * Positions of pairs in a piece, lowest rank first and leftmost first among equals. A piece has far fewer
 * ranks than positions, so that only the ranks are in a heap, and the positions of each in a list.
 */
export class PairQueue {
  readonly #lists = new Map<number, PairList>()
  /** A binary heap, smallest first. */
  readonly #ranks: number[] = []

  add(rank: number, position: number): void {
    const known = this.#lists.get(rank)
    if (known !== undefined) known.add(position)
    else {
      this.#lists.set(rank, new PairList(rank, position))
      this.#push(rank)
    }
  }

  /** The pairs of the lowest rank, at least one; null when there are none left. */
  lowest(): PairList | null {
    for (;;) {
      const rank = this.#ranks[0]
      if (rank === undefined) return null
      const list = this.#lists.get(rank) as PairList
      if (!list.isEmpty) return list
      this.#lists.delete(rank)
      this.#pop()
    }
  }

  #push(rank: number): void {
    const ranks = this.#ranks
    let at = ranks.length
    ranks.push(rank)
    while (at > 0) {
      const above = (at - 1) >> 1
      const value = ranks[above] as number
      if (value <= rank) break
      ranks[at] = value
      at = above
    }
    ranks[at] = rank
  }

  #pop(): void {
    const ranks = this.#ranks
    const moved = ranks.pop() as number
    if (ranks.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= ranks.length) break
      if (below + 1 < ranks.length && (ranks[below + 1] as number) < (ranks[below] as number)) below++
      const value = ranks[below] as number
      if (value >= moved) break
      ranks[at] = value
      at = below
    }
    ranks[at] = moved
  }
}

/** The positions of pairs of one rank. */
class PairList {
  readonly rank: number
  #positions: number[]
  #taken = 0
  #isOrdered = true

  constructor(rank: number, position: number) {
    this.rank = rank
    this.#positions = [position]
  }

  get isEmpty(): boolean {
    return this.#taken === this.#positions.length
  }

  add(position: number): void {
    if ((this.#positions.at(-1) as number) > position) this.#isOrdered = false
    this.#positions.push(position)
  }

  /** Removes the leftmost position. */
  take(): number {
    if (!this.#isOrdered) {
      this.#positions = Array.from(Int32Array.from(this.#positions.slice(this.#taken)).sort())
      this.#taken = 0
      this.#isOrdered = true
    }
    return this.#positions[this.#taken++] as number
  }
}
