import type { StreamedToken } from '../../upstream.ts'
import type { DraftNode } from '../drafts/draft-node.ts'
import { InFlightLimit } from './in-flight-limit.ts'
import type { LatencyEstimates } from './latency-estimates.ts'

/** A greedy continuation that the upstream is streaming. */
export interface InFlightQuery {
  /** Counts the answer's queries from 0. */
  readonly id: number
  /** The node that its next step answers. */
  head: DraftNode
  /** Steps still to come, at least 1. */
  left: number
  /** Whether it was sent for the position that the answer stood at. */
  readonly needed: boolean
  readonly sentAtMs: number
  /** Queries that were in flight when it was sent. */
  readonly besides: number
  /** When its next step is expected. */
  expectedAtMs: number
  lastStepAtMs: number
  steps: number
}

/**
 * The queries in flight and what they have told so far: the only place where their heads go on and their
 * steps count.
 */
export class InFlightQueries {
  /** As many as the answer was told last that it may have. */
  most: number
  readonly #window: InFlightLimit
  readonly #latency: LatencyEstimates
  readonly #queries = new Map<number, InFlightQuery>()
  #sent = 0

  constructor(maxInFlight: number, latency: LatencyEstimates) {
    this.most = maxInFlight
    this.#window = new InFlightLimit(maxInFlight)
    this.#latency = latency
  }

  get size(): number {
    return this.#queries.size
  }

  get limit(): number {
    return Math.min(this.most, this.#window.size)
  }

  maySpeculate(nowMs: number): boolean {
    return this.#window.maySpeculate(nowMs)
  }

  all(): InFlightQuery[] {
    return [...this.#queries.values()]
  }

  /** By the node that their next step answers; where several would, the one that is expected first. */
  heads(): Map<DraftNode, InFlightQuery> {
    const heads = new Map<DraftNode, InFlightQuery>()
    for (const query of this.#queries.values()) {
      const rival = heads.get(query.head)
      if (rival === undefined || query.expectedAtMs < rival.expectedAtMs) heads.set(query.head, query)
    }
    return heads
  }

  /**
   * Queries that can tell nothing any more: off the answer's way, or behind another that runs the same way.
   */
  useless(): InFlightQuery[] {
    const heads = this.heads()
    return this.all().filter(
      (query) => !query.head.alive || query.head.distribution !== null || heads.get(query.head) !== query,
    )
  }

  /**
   * Whether the answer could not go on without the query when it was sent, and no step of it has come yet.
   */
  isAwaited(id: number): boolean {
    const query = this.#queries.get(id)
    return query?.needed === true && query.steps === 0
  }

  least(worth: (query: InFlightQuery) => number): { query: InFlightQuery; worth: number } | null {
    let least: { query: InFlightQuery; worth: number } | null = null
    for (const query of this.#queries.values()) {
      const own = worth(query)
      if (least === null || own < least.worth) least = { query, worth: own }
    }
    return least
  }

  send(node: DraftNode, { nowMs, maxTokens }: { nowMs: number; maxTokens: number }): InFlightQuery {
    const query: InFlightQuery = {
      id: this.#sent++,
      head: node,
      left: maxTokens,
      needed: node.parent === null,
      sentAtMs: nowMs,
      besides: this.#queries.size,
      expectedAtMs: nowMs + this.#latency.firstAnswerMs,
      lastStepAtMs: nowMs,
      steps: 0,
    }
    node.asked = true
    this.#queries.set(query.id, query)
    return query
  }

  answer(id: number, { token, distribution }: StreamedToken, atMs: number): void {
    const query = this.#queries.get(id)
    if (query === undefined) return
    this.#window.heard()
    if (query.steps === 0) {
      this.#latency.firstAnswer(atMs - query.sentAtMs, query.besides)
      this.#window.answered()
    } else {
      this.#latency.nextAnswer(atMs - query.lastStepAtMs)
    }
    const node = query.head
    if (node.distribution === null) {
      node.distribution = distribution
      node.greedyToken = token
      node.answerSpan = { startMs: query.sentAtMs, endMs: atMs }
    }
    query.steps++
    query.left--
    query.lastStepAtMs = atMs
    query.expectedAtMs = atMs + this.#latency.nextAnswerMs
    query.head = node.child(token)
    if (query.left === 0) this.#queries.delete(id)
    else query.head.asked = true
  }

  fail(id: number, atMs: number, retryAfterMs: number): void {
    if (this.#queries.delete(id)) this.#window.failed(atMs, retryAfterMs)
  }

  remove(id: number): void {
    this.#queries.delete(id)
  }
}
