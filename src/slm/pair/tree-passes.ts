import { windowBlocks } from '../decoder/window-layouts.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { commonAncestor, pathTo, type TreeNode } from './row-tree.ts'

/** A token that was asked for and has no row yet. */
export interface PendingToken {
  /** Its place in the question. */
  readonly index: number
  readonly token: number
  readonly depth: number
  /** The computed row that it stands below, at some distance; null for the root. */
  readonly anchor: TreeNode | null
  /** The pending token right above it; null right below the anchor. */
  readonly parent: PendingToken | null
}

/** Tokens that one pass computes. */
export interface TreePass {
  /** What all of them stand below; null for the root. */
  readonly base: TreeNode | null
  /** Computed rows between the base and the tokens, parents first. */
  readonly between: readonly TreeNode[]
  readonly tokens: readonly PendingToken[]
}

/** Resolves the tokens of a question; `nodeOf` finds computed rows by their number. */
export function pendingTokens(
  tokens: Int32Array,
  parents: Int32Array,
  nodeOf: (row: number) => TreeNode | null,
): PendingToken[] {
  const pending: PendingToken[] = []
  for (const [index, token] of tokens.entries()) {
    const reference = parents[index] ?? 0
    const parent = reference < 0 ? (pending[~reference] ?? null) : null
    const anchor = parent ? parent.anchor : nodeOf(reference)
    pending.push({ index, token, depth: ((parent ?? anchor)?.depth ?? 0) + 1, anchor, parent })
  }
  return pending
}

export interface PassLimits {
  /** Of each stream. */
  readonly promptTokens: readonly number[]
  /** Blocks of columns in a window: how many rows may share a position, roughly. */
  readonly blocks: number
}

/**
 * As many of the pending tokens as fit one pass: all that stand, with every row between them and their common
 * ancestor, in the window after that ancestor, in both streams. Parents come before children.
 */
export function nextPass(pending: readonly PendingToken[], limits: PassLimits): TreePass {
  const whole = passOf(pending, limits)
  if (whole.tokens.length > 0) return whole
  const anchor = pending[0]?.anchor ?? null
  return passOf(
    pending.filter((token) => token.anchor === anchor),
    limits,
  )
}

function passOf(pending: readonly PendingToken[], { promptTokens, blocks }: PassLimits): TreePass {
  const base = commonAncestor(pending.map(({ anchor }) => anchor))
  const baseDepth = base?.depth ?? 0
  const deepest = Math.min(
    ...promptTokens.map((prompt) => {
      const next = prompt + baseDepth
      return next - (next % WINDOW_TOKENS) + WINDOW_TOKENS - prompt
    }),
  )
  const within = passBelow(
    base,
    pending.filter(({ depth }) => depth <= deepest),
  )
  const placed = windowBlocks(passParents(within))
  const fits = (_: PendingToken, index: number) => (placed[within.between.length + index] ?? 0) < blocks
  return passBelow(base, within.tokens.filter(fits))
}

function passBelow(base: TreeNode | null, tokens: readonly PendingToken[]): TreePass {
  const between = new Set<TreeNode>()
  for (const { anchor } of tokens)
    for (const node of pathTo(anchor).slice(base?.depth ?? 0)) between.add(node)
  return { base, between: [...between].sort((a, b) => a.depth - b.depth), tokens }
}

/** Whether each token of the pass follows the one before, right below the base. */
export function isChain({ between, tokens }: TreePass): boolean {
  return between.length === 0 && tokens.every(({ parent }, index) => parent === (tokens[index - 1] ?? null))
}

/** For each row of the pass, those in between first, the index of the one it follows; -1 for the base. */
export function passParents({ base, between, tokens }: TreePass): Int32Array {
  const places = new Map<TreeNode | PendingToken | null, number>([[base, -1]])
  for (const row of [...between, ...tokens]) places.set(row, places.size - 1)
  return Int32Array.from(
    [...between.map(({ parent }) => parent), ...tokens.map(({ parent, anchor }) => parent ?? anchor)],
    (above) => places.get(above) ?? -1,
  )
}
