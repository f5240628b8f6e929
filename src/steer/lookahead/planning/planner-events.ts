import type { PublicTokens } from '../../guard/public-tokens.ts'
import type { Guess } from '../../local-pair.ts'
import type { TokenId } from '../../token-id.ts'
import type { StreamedToken } from '../../upstream.ts'
import type { DraftNode } from '../drafts/draft-node.ts'

/** All that a planner is told. Times are readings of the clock when the event reached the loop. */
export type PlannerEvent =
  | {
      readonly type: 'rows-computed'
      readonly atMs: number
      /** The guesses of each row of the tree that was fed, in order. */
      readonly guesses: readonly (readonly Guess[])[]
    }
  /** The guesses of the root's row, which was computed without being planned. */
  | { readonly type: 'row-known'; readonly atMs: number; readonly guesses: readonly Guess[] }
  | {
      readonly type: 'step-answered'
      readonly atMs: number
      readonly query: number
      readonly step: StreamedToken
    }
  | { readonly type: 'query-ended'; readonly atMs: number; readonly query: number }
  | {
      readonly type: 'query-failed'
      readonly atMs: number
      readonly query: number
      /** 0 when the upstream named no time. */
      readonly retryAfterMs: number
    }
  | {
      readonly type: 'token-emitted'
      readonly atMs: number
      readonly token: TokenId
      /** How long it took before to judge whether it begins a private value. */
      readonly judgedMs: number
    }
  /** So many queries may be in flight from now on, at least 1. */
  | { readonly type: 'limit-told'; readonly atMs: number; readonly most: number }

/** All that a planner decides. */
export type PlannerAction =
  | {
      readonly type: 'send-query'
      readonly query: number
      readonly node: DraftNode
      /** Prompt, emitted tokens and guesses. */
      readonly prefix: PublicTokens
      readonly maxTokens: number
    }
  | { readonly type: 'cancel-query'; readonly query: number }
  | {
      readonly type: 'feed-tree'
      /** Each one's parent has its row, is settled, or comes earlier. */
      readonly nodes: readonly DraftNode[]
    }
