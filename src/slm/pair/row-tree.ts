import type { NewRows } from '../cache/key-value-cache.ts'
import { MisuseError } from '../engine/misuse-error.ts'

/** A row below the root. Its K/V rows lie in the caches while its path does, else they are set aside here. */
export interface TreeNode {
  readonly row: number
  /** Null below the root. */
  readonly parent: TreeNode | null
  /** 1 for the rows below the root. */
  readonly depth: number
  readonly token: number
  saved: SavedRows | null
}

/** For each stream, the rows among which the node's are, and at which index. */
interface SavedRows {
  readonly rows: readonly NewRows[]
  readonly indices: readonly number[]
}

/** The rows of a continuation that were not dropped, by their number. */
export class RowTree {
  readonly #root: number
  readonly #nodes = new Map<number, TreeNode>()

  constructor(root: number) {
    this.#root = root
  }

  add(row: number, parent: TreeNode | null, token: number): TreeNode {
    const node = { row, parent, depth: (parent?.depth ?? 0) + 1, token, saved: null }
    this.#nodes.set(row, node)
    return node
  }

  /** Null for the root. Throws MisuseError for a dropped row. */
  node(row: number): TreeNode | null {
    if (row === this.#root) return null
    const node = this.#nodes.get(row)
    if (!node) throw new MisuseError('the row was dropped')
    return node
  }

  has(node: TreeNode): boolean {
    return this.#nodes.get(node.row) === node
  }

  /** Drops every row that is neither `row`, nor above or below it. */
  retain(row: number): void {
    const kept = pathTo(this.node(row))
    for (const [key, node] of this.#nodes) {
      const ancestor = kept[node.depth - 1]
      const keep = ancestor
        ? ancestor === node
        : kept.length === 0 || pathTo(node).includes(kept.at(-1) as TreeNode)
      if (!keep) this.#nodes.delete(key)
    }
  }
}

/** The nodes from below the root down to `node`; none for the root. */
export function pathTo(node: TreeNode | null): TreeNode[] {
  const path = new Array<TreeNode>(node?.depth ?? 0)
  for (let at = node; at; at = at.parent) path[at.depth - 1] = at
  return path
}

/** The deepest node that is above, or is, each of `nodes`; null for the root. */
export function commonAncestor(nodes: readonly (TreeNode | null)[]): TreeNode | null {
  const [first = [], ...others] = nodes.map(pathTo)
  let shared = first.length
  for (const path of others) {
    let same = 0
    while (same < shared && path[same] === first[same]) same++
    shared = same
  }
  return first[shared - 1] ?? null
}
