import type { WorkerLink } from '../engine/worker-link.ts'

interface HeldDeltas {
  readonly delta: Float32Array
  /** Of the deepest row in it. */
  readonly depth: number
}

/**
 * The deltas of a continuation's rows, until nobody reads them any more: then their
 * memory goes back to the worker.
 */
export class DeltaMemory {
  readonly #link: WorkerLink
  #held: HeldDeltas[] = []
  /** Shallower rows are not wanted any more. */
  #wanted = 0

  constructor(link: WorkerLink) {
    this.#link = link
  }

  hold(delta: Float32Array, depth: number): void {
    this.#held.push({ delta, depth })
    // Computed for a continuation that was closed meanwhile.
    if (depth < this.#wanted) this.dropAbove(this.#wanted)
  }

  /** Gives back whatever holds rows above `depth` only. */
  dropAbove(depth: number): void {
    this.#wanted = depth
    const dropped = this.#held.filter((held) => held.depth < depth)
    if (dropped.length === 0) return
    this.#held = this.#held.filter((held) => held.depth >= depth)
    const deltas = dropped.map(({ delta }) => delta.buffer as ArrayBuffer)
    this.#link.tell({ type: 'rows-free', deltas }, deltas)
  }
}
