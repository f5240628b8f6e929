import type { DraftNode } from './draft-node.ts'
import type { Pace } from './pace.ts'

/** Longest chunk fed at once. */
const LONGEST_CHUNK = 8
/** Chunks of two tokens are tried so often to learn their cost, when the second is at least this likely, given the first. */
const TRIALS = 3
const TRIAL_CONFIDENCE = 0.8

export interface FeedInput {
  readonly root: DraftNode
  readonly reachable: readonly DraftNode[]
  readonly nowMs: number
  readonly pace: Pace
  /** When the answer that the root waits for is expected; null when none is on its way. */
  readonly rootAnswerAtMs: number | null
}

/**
 * The chain of nodes to feed next, or null to keep the local engine free: the node most likely to be needed, and as many
 * likely ones below it as make the pass worth most per millisecond.
 */
export function chooseFeed(input: FeedInput): DraftNode[] | null {
  const { root, reachable, pace } = input
  let first: DraftNode | null = null
  for (const node of reachable) {
    if (node.row !== 'none' || (node.parent !== null && node.parent.row !== 'ready')) continue
    if (first === null || node.forecast.reach > first.forecast.reach) first = node
  }
  if (first === null) return null
  if (first !== root && !worthStarting(first, input)) return null
  return extend(first, reachable, pace)
}

/**
 * A pass cannot be broken off. If the root's answer comes before the pass would end, a right guess gains the time until
 * then, and a guess on the wrong branch loses the rest of the pass.
 */
function worthStarting(node: DraftNode, { root, nowMs, pace, rootAnswerAtMs }: FeedInput): boolean {
  if (root.row !== 'ready' || rootAnswerAtMs === null) return true
  const untilAnswer = Math.max(0, rootAnswerAtMs - nowMs)
  const passMs = pace.feedMs(1)
  if (untilAnswer >= passMs) return true
  return node.forecast.reach * untilAnswer > (1 - branchReach(node, root)) * (passMs - untilAnswer)
}

/** The probability that the root's token leads towards `node`. */
function branchReach(node: DraftNode, root: DraftNode): number {
  let branch = node
  while (branch.parent !== null && branch.parent !== root) branch = branch.parent
  return branch.forecast.reach
}

function extend(first: DraftNode, reachable: readonly DraftNode[], pace: Pace): DraftNode[] {
  const chain = [first]
  let useful = first.forecast.reach
  for (let last = first; chain.length < LONGEST_CHUNK; ) {
    const next = likeliestBelow(last, reachable)
    if (next === null) break
    const length = chain.length + 1
    const trial =
      length === 2 &&
      pace.chunksFed < TRIALS &&
      next.forecast.reach >= TRIAL_CONFIDENCE * first.forecast.reach
    const better =
      (useful + next.forecast.reach) / pace.feedMs(length) > (1 + 1e-9) * (useful / pace.feedMs(length - 1))
    if (!better && !trial) break
    chain.push(next)
    useful += next.forecast.reach
    last = next
  }
  return chain
}

function likeliestBelow(parent: DraftNode, reachable: readonly DraftNode[]): DraftNode | null {
  let best: DraftNode | null = null
  for (const node of reachable) {
    if (node.parent !== parent || node.row !== 'none') continue
    if (best === null || node.forecast.reach > best.forecast.reach) best = node
  }
  return best
}
