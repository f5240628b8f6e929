import type { LocalContinuation, LocalPair, LocalRow, TreeToken } from '../local-pair.ts'
import { tokenChain } from '../token-chain.ts'
import type { TokenId } from '../token-id.ts'
import { AlignedDeltas } from './aligned-deltas.ts'
import { AlignedRow } from './aligned-row.ts'
import type { VocabularyAlignment } from './vocabulary-alignment.ts'

/**
 * A local pair for an upstream with another vocabulary: prompts stay in the local model's tokens, everything
 * behind them is in the upstream's. Fed tokens reach the local model as the same text, token by token.
 */
export function alignedPair(pair: LocalPair, alignment: VocabularyAlignment): LocalPair {
  const deltas = new AlignedDeltas(alignment)
  return {
    contextTokens: pair.contextTokens,
    ...(pair.passes === undefined ? {} : { passes: pair.passes }),
    open: async (prompts) => new AlignedContinuation(await pair.open(prompts), alignment, deltas),
    close: () => pair.close(),
  }
}

class AlignedContinuation implements LocalContinuation {
  readonly root: LocalRow
  readonly prefill: LocalContinuation['prefill']
  readonly #inner: LocalContinuation
  readonly #alignment: VocabularyAlignment
  readonly #deltas: AlignedDeltas

  constructor(inner: LocalContinuation, alignment: VocabularyAlignment, deltas: AlignedDeltas) {
    this.#inner = inner
    this.#alignment = alignment
    this.#deltas = deltas
    this.prefill = inner.prefill
    this.root = this.#row(inner.root, 0)
  }

  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    return this.feedTree(tokenChain(from, tokens))
  }

  feedTree(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const rows = this.#feed(tokens)
    // A look ahead that nobody waits for any more may fail unseen.
    rows.catch(() => {})
    return rows
  }

  retain(row: LocalRow): void {
    this.#inner.retain(innerOf(row))
  }

  close(): void {
    this.#inner.close()
  }

  async #feed(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const tree: TreeToken[] = []
    /** Of each token, where its last local token stands: in `tree`, or at a row when it has none. */
    const ends: TreeToken['parent'][] = []
    const depths: number[] = []
    for (const { parent, token } of tokens) {
      const above = typeof parent === 'number' ? (depths[parent] ?? 0) : parent.depth
      depths.push(above + 1)
      let end = typeof parent === 'number' ? (ends[parent] ?? 0) : innerOf(parent)
      for (const piece of this.#alignment.pieces(token)) end = tree.push({ parent: end, token: piece }) - 1
      ends.push(end)
    }
    const rows = tree.length === 0 ? [] : await this.#inner.feedTree(tree)
    return ends.map((end, index) =>
      this.#row(typeof end === 'number' ? (rows[end] as LocalRow) : end, depths[index] ?? 0),
    )
  }

  #row(inner: LocalRow, depth: number): AlignedRow {
    const { counterparts } = this.#alignment
    return new AlignedRow({ depth, inner, deltas: this.#deltas, counterparts })
  }
}

function innerOf(row: LocalRow): LocalRow {
  if (!(row instanceof AlignedRow)) throw new TypeError('the row belongs to another pair')
  return row.inner
}
