import type { DraftNode } from '../drafts/draft-node.ts'

/** A greedy continuation that the upstream is streaming. */
export interface InFlightQuery {
  /** Counts the answer's queries from 0. */
  readonly id: number
  readonly start: DraftNode
  /** The node that its next step answers. */
  head: DraftNode
  /** Steps still to come, at least 1. */
  left: number
  readonly sentAtMs: number
  /** Queries that were in flight when it was sent. */
  readonly besides: number
  /** When its next step is expected. */
  expectedAtMs: number
  lastStepAtMs: number
  steps: number
}
