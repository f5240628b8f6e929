import { type LocalPlace, rowsBelow } from '../decoding/local-place.ts'
import type { TracedSpan } from '../decoding/token-trace.ts'
import type { LocalRow } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'
import type { DraftNode } from './drafts/draft-node.ts'

export interface ComputedRow {
  readonly row: LocalRow
  /** The forward pass that gave it; null for the prompts' own when they were computed before. */
  readonly span: TracedSpan | null
}

/** The local rows of a run: of planned positions, and behind tokens of the next one that were not planned. */
export class RunRows {
  readonly #planned = new WeakMap<DraftNode, ComputedRow>()
  readonly #unplanned = new Map<TokenId, ComputedRow>()

  of(node: DraftNode): ComputedRow | undefined {
    return this.#planned.get(node)
  }

  set(node: DraftNode, computed: ComputedRow): void {
    this.#planned.set(node, computed)
  }

  /** The rows behind tokens at a position; those that were no guesses are computed now, and kept. */
  async behind(
    position: DraftNode,
    tokens: readonly TokenId[],
    { place, now }: { readonly place: () => Promise<LocalPlace>; readonly now: () => number },
  ): Promise<ReadonlyMap<TokenId, LocalRow>> {
    const rows = new Map<TokenId, LocalRow>()
    for (const token of tokens) {
      const guess = position.find(token)
      const known = guess && this.of(guess)
      if (known !== undefined) rows.set(token, known.row)
    }
    const unread = tokens.filter((token) => !rows.has(token))
    if (unread.length === 0) return rows
    const at = await place()
    const startMs = now()
    for (const [token, row] of await rowsBelow(at, unread)) {
      this.#unplanned.set(token, { row, span: { startMs, endMs: now() } })
      rows.set(token, row)
    }
    return rows
  }

  /** Gives a new root the row behind its token where that was not planned; undefined where there is none. */
  handOn(root: DraftNode, token: TokenId): ComputedRow | undefined {
    const computed = root.row === 'none' ? this.#unplanned.get(token) : undefined
    this.#unplanned.clear()
    if (computed !== undefined) this.set(root, computed)
    return computed
  }
}
