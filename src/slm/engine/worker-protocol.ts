import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { PairRows } from '../decoder/decoder.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'
import type { DecoderKind } from '../graph/decoder-graph.ts'
import type { ModelGraph } from '../graph/model-graph.ts'

/*
 * What the main thread and the inference worker say to each other. `request` numbers tie answers
 * to questions, `model`, `continuation` and `row` are numbers that the main thread hands out.
 */

export interface ModelSettings {
  readonly graph: ModelGraph
  readonly kind: Exclude<DecoderKind, 'pairs'>
  /** Cores to compute with. */
  readonly threads: number
  /** Budget for the K/V rows of prompt prefixes, shared by all prompts of the model; 0 keeps none. */
  readonly cacheBytes: number
  /** Budget for the K/V rows of sequences that were scored last. */
  readonly sequenceBytes: number
  /** Where rows of prompts stay on disk that their closing names an owner for; null for nowhere. */
  readonly keptFolder: string | null
}

/** What a worker holds now. */
export interface EngineUsage {
  /** Pairs that are open: each has K/V caches of its own. */
  readonly continuations: number
  readonly streams: number
  /** Requests under way or waiting, streams not counted. */
  readonly requests: number
  /** K/V rows of prompts that came before. */
  readonly cacheBytes: number
  /** K/V rows of pairs that are open. */
  readonly runningBytes: number
  /** K/V rows of sequences that were scored last. */
  readonly sequenceBytes: number
}

export type ToWorker =
  | {
      readonly type: 'model-load'
      readonly request: number
      readonly model: number
      readonly settings: ModelSettings
    }
  | { readonly type: 'model-release'; readonly request: number; readonly model: number }
  | {
      readonly type: 'pair-open'
      readonly request: number
      readonly model: number
      readonly continuation: number
      /** The number of the root row. */
      readonly root: number
      readonly with: Int32Array
      readonly without: Int32Array
      readonly strength: number
    }
  | {
      readonly type: 'pair-feed'
      readonly request: number
      readonly continuation: number
      readonly tokens: Int32Array
      /** For each token the row that it follows, or ~index for an earlier token of this question. */
      readonly parents: Int32Array
      /** The number of the first token's row; the others follow. */
      readonly firstRow: number
    }
  | { readonly type: 'pair-retain'; readonly continuation: number; readonly row: number }
  | {
      readonly type: 'pair-close'
      readonly continuation: number
      /** Whose rows those of its prompts are, which stay on disk; null for those that do not. */
      readonly keepFor: string | null
    }
  /** What was kept for the owner counts no more, until it is kept again. */
  | { readonly type: 'kept-renew'; readonly model: number; readonly owner: string }
  /** Removes from disk what does not count any more, and all of other owners. */
  | { readonly type: 'kept-trim'; readonly model: number; readonly owners: readonly string[] }
  /**
   * Memory of rows that nobody reads any more. Left to the main thread, each megabyte of it would hasten
   * a collection of that thread's whole heap, which holds up every answer; the worker's heap is small.
   */
  | { readonly type: 'rows-free'; readonly deltas: readonly ArrayBuffer[] }
  | {
      readonly type: 'score'
      readonly request: number
      readonly model: number
      readonly prefixes: readonly Int32Array[]
      /** How many of the likeliest tokens to tell, or which ones for each prefix. */
      readonly candidates: number | readonly Int32Array[]
    }
  | {
      readonly type: 'stream'
      readonly request: number
      readonly model: number
      readonly prefix: Int32Array
      readonly candidates: number
      readonly maxTokens: number
      readonly endTokens: Int32Array
      readonly sampling: UpstreamSampling
    }
  /** The consumer has taken a token, so that the worker may compute one more ahead of it. */
  | { readonly type: 'stream-pull'; readonly request: number }
  | { readonly type: 'usage'; readonly request: number }
  /** Nobody waits for anything: what earlier work has left behind is collected. */
  | { readonly type: 'garbage-collect' }
  /** The worker ends once the step that runs is done. */
  | { readonly type: 'worker-end' }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'request-abort'; readonly request: number }

/** Rows of some of the tokens of a question. */
export interface FedRows {
  readonly rows: PairRows
  /** Which token each row belongs to. */
  readonly indices: Int32Array
}

export type FromWorker =
  | { readonly type: 'model-loaded'; readonly request: number }
  | { readonly type: 'model-released'; readonly request: number }
  | {
      readonly type: 'pair-opened'
      readonly request: number
      readonly root: PairRows
      readonly cachedTokens: number
      readonly keptTokens: number
      readonly computedTokens: number
    }
  /** Comes any number of times before `pair-opened`: the share of both prompts that is read, [0, 1]. */
  | { readonly type: 'pair-reading'; readonly request: number; readonly share: number }
  | { readonly type: 'pair-fed'; readonly request: number; readonly parts: readonly FedRows[] }
  | { readonly type: 'scored'; readonly request: number; readonly positions: readonly ScoredPosition[] }
  | {
      readonly type: 'stream-token'
      readonly request: number
      readonly token: number
      readonly position: ScoredPosition
    }
  | { readonly type: 'stream-ended'; readonly request: number }
  | { readonly type: 'usage-told'; readonly request: number; readonly usage: EngineUsage }
  /** The answer to a request that was aborted before it was under way. */
  | { readonly type: 'request-dropped'; readonly request: number }
  | {
      readonly type: 'request-failed'
      readonly request: number
      readonly kind: 'misuse' | 'failure'
      readonly message: string
    }
