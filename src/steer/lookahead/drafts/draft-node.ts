import type { TracedSpan } from '../../decoding/token-trace.ts'
import type { Distribution } from '../../distribution.ts'
import type { Guess } from '../../local-pair.ts'
import type { TokenId } from '../../token-id.ts'

/**
 * When an answer for a node may come by a stream that runs above it, and with what
 * probability it runs through the node.
 */
export interface Coverage {
  readonly atMs: number
  readonly probability: number
  /** Steps that the stream still has after this one. */
  readonly left: number
}

/** What the planner expects of a node; all times are on the recorded clock. */
export interface Forecast {
  /** The plan that made it: older forecasts mean that the node is out of reach. */
  plan: number
  /** Probability that the answer comes this way, [0, 1]. */
  reach: number
  /** When its local row is there, fed as early as possible. */
  rowAtMs: number
  /** When its parent's token is settled, and its own. */
  parentSettledAtMs: number
  settledAtMs: number
  coverage: Coverage | null
}

/**
 * A position that the answer may reach: the emitted tokens and a few guesses. The tree's
 * root is the first position that is not settled.
 */
export class DraftNode {
  /** Null at the root. */
  parent: DraftNode | null
  readonly token: TokenId | null
  /** Tokens before this position: the index of the token that it decides. */
  readonly depth: number
  readonly #children = new Map<TokenId, DraftNode>()
  /** False once the answer has gone another way. */
  alive = true
  /** True once its row or its answer was asked for, before or after its token was settled. */
  asked = false
  row: 'none' | 'fed' | 'ready' = 'none'
  guesses: readonly Guess[] = []
  distribution: Distribution | null = null
  /** The upstream's own choice, once it answered. */
  greedyToken: TokenId | null = null
  /** From sending the query that answered it until that answer. */
  answerSpan: TracedSpan | null = null
  /** What the n-gram model made of the node when it was first looked at. */
  ngramGuesses: readonly Guess[] | null = null
  readonly forecast: Forecast = {
    plan: -1,
    reach: 0,
    rowAtMs: 0,
    parentSettledAtMs: 0,
    settledAtMs: 0,
    coverage: null,
  }

  constructor(parent: DraftNode | null, token: TokenId | null, depth: number) {
    this.parent = parent
    this.token = token
    this.depth = depth
  }

  /** Its row is there, with these guesses. */
  taken(guesses: readonly Guess[]): void {
    this.row = 'ready'
    this.guesses = guesses
  }

  get children(): Iterable<DraftNode> {
    return this.#children.values()
  }

  /** The position after `token`, made if need be. */
  child(token: TokenId): DraftNode {
    let child = this.#children.get(token)
    if (child === undefined) {
      child = new DraftNode(this, token, this.depth + 1)
      child.alive = this.alive
      this.#children.set(token, child)
    }
    return child
  }

  find(token: TokenId): DraftNode | undefined {
    return this.#children.get(token)
  }

  /** Makes the position after `token` the root: all other ways are dead. Returns it. */
  settle(token: TokenId): DraftNode {
    const next = this.child(token)
    for (const child of this.children) if (child !== next) child.#die()
    this.#children.clear()
    this.#children.set(token, next)
    next.parent = null
    return next
  }

  #die(): void {
    this.alive = false
    for (const child of this.children) child.#die()
  }

  /** The tokens that lead here from the root, whose own depth is `rootDepth`. */
  pathFrom(rootDepth: number): TokenId[] {
    const path: TokenId[] = []
    for (let node: DraftNode = this; node.depth > rootDepth; node = node.parent as DraftNode) {
      path.push(node.token as TokenId)
    }
    return path.reverse()
  }
}
