import type { DraftNode } from '../drafts/draft-node.ts'
import type { LatencyEstimates } from './latency-estimates.ts'

/**
 * So many passes get a second node to learn what it costs, when it is at least this likely next to the first.
 */
const TRIALS = 3
const TRIAL_SHARE = 0.1
/**
 * A node joins a pass when its own row, one pass earlier, gains this many times what it costs
 * the others: that is felt at once, while some rows come earlier than anything needs them.
 */
const LEAST_RETURN = 1.8

export interface FeedInput {
  readonly root: DraftNode
  readonly reachable: readonly DraftNode[]
  readonly nowMs: number
  readonly latency: LatencyEstimates
  /** Nodes less likely than this are left alone. */
  readonly leastReach: number
  /** Nodes fed at once, at least 1. */
  readonly largestPass: number
  /** When the answer that the root waits for is expected; null when none is on its way. */
  readonly rootAnswerAtMs: number | null
}

/**
 * The nodes to feed in the next pass, parents before children, or null to keep the local engine free: the
 * node most likely to be needed, and further ones, on any branch, that are worth what they add to the pass.
 */
export function chooseFeed(input: FeedInput): DraftNode[] | null {
  const { root, leastReach } = input
  const reachable = input.reachable.filter(({ forecast }) => forecast.reach >= leastReach)
  const first = likeliest(reachable, [])
  if (first === null) return null
  if (first !== root && !worthStarting(first, input)) return null
  return fillUp(first, reachable, input)
}

/**
 * A pass cannot be broken off. If the root's answer comes before the pass would end, a right
 * guess gains the time until then, and a guess on the wrong branch loses the rest of the pass.
 */
function worthStarting(node: DraftNode, { root, nowMs, latency, rootAnswerAtMs }: FeedInput): boolean {
  if (root.row !== 'ready' || rootAnswerAtMs === null) return true
  const untilAnswer = Math.max(0, rootAnswerAtMs - nowMs)
  const passMs = latency.feedMs(1)
  if (untilAnswer >= passMs) return true
  return node.forecast.reach * untilAnswer > (1 - branchReach(node, root)) * (passMs - untilAnswer)
}

/** The probability that the root's token leads towards `node`. */
function branchReach(node: DraftNode, root: DraftNode): number {
  let branch = node
  while (branch.parent !== null && branch.parent !== root) branch = branch.parent
  return branch.forecast.reach
}

/** Adds the node of largest reach, again and again, as long as it is worth the delay of the others. */
function fillUp(
  first: DraftNode,
  reachable: readonly DraftNode[],
  { latency, largestPass }: FeedInput,
): DraftNode[] {
  const pass = [first]
  // Probability that the answer goes through the pass: then a delay of the pass delays the answer.
  let stake = first.forecast.reach
  while (pass.length < largestPass) {
    const next = likeliest(reachable, pass)
    if (next === null) break
    const { reach } = next.forecast
    const passMs = latency.feedMs(pass.length + 1)
    const delayMs = passMs - latency.feedMs(pass.length)
    const trial = pass.length === 1 && latency.chunksFed < TRIALS && reach >= TRIAL_SHARE * stake
    if (reach * passMs < LEAST_RETURN * stake * delayMs && !trial) break
    if (next.parent === null || !pass.includes(next.parent)) stake += reach
    pass.push(next)
  }
  return pass
}

/**
 * The node most likely to be needed that can be fed: its parent has its row, is settled, or is in the pass.
 */
function likeliest(reachable: readonly DraftNode[], pass: readonly DraftNode[]): DraftNode | null {
  let best: DraftNode | null = null
  for (const node of reachable) {
    const { parent, row, forecast } = node
    if (row !== 'none' || (best !== null && forecast.reach <= best.forecast.reach)) continue
    if (parent !== null && parent.row !== 'ready' && !pass.includes(parent)) continue
    if (!pass.includes(node)) best = node
  }
  return best
}
