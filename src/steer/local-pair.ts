import type { TokenId } from './token-id.ts'

/**
 * The small local model, run as two streams over the same continuation: `with` has the
 * private profile in its prompt, `without` has not.
 */
export interface LocalPair {
  /**
   * Prefills both prompts (chunk by chunk, warm prefixes from the cache) and returns the
   * pair's state after them. Rejects with GatewayError `context_length_exceeded` or
   * `local_model_failed`, or with the signal's reason.
   */
  open(prompts: LocalPrompts): Promise<LocalContinuation>
  /** Tokens that fit the window: prompt and answer together. */
  readonly contextTokens: number
  /** Left out where a pass computes many tokens, on any branch, for little more than one. */
  readonly passes?: LocalPasses
  /** Left out where nothing stays on disk. */
  readonly kept?: KeptPrompts
  close(): Promise<void>
}

/** What stays on disk of prompts that were closed with `keepFor`. */
export interface KeptPrompts {
  /** What was kept for the owner counts no more, until it is kept again. */
  renew(owner: string): void
  /** Removes what does not count any more, and all of other owners. */
  trim(owners: readonly string[]): void
}

/** What it costs to feed a local pair. */
export interface LocalPasses {
  /** Tokens worth feeding at once; 1 where each of them takes as long as the first. */
  readonly tokens: number
  /** Whether tokens may be fed that are dropped again: not where going back computes much anew. */
  readonly guesses: boolean
}

export interface LocalPrompts {
  readonly with: readonly TokenId[]
  readonly without: readonly TokenId[]
  /** Weight of delta in the private guess: the steering strength c. */
  readonly strength: number
  readonly signal: AbortSignal
  /** Told while the prompts are read which share of them is, [0, 1]. Not every pair tells. */
  readonly onRead?: (share: number) => void
}

/**
 * The pair's state as a tree: the root row stands after both prompts, each fed token adds
 * a row below another. Rolling back is feeding from an earlier row. Rows stay readable
 * until `retain` drops them or the continuation closes.
 */
export interface LocalContinuation {
  readonly root: LocalRow
  /**
   * Prompt tokens whose K/V came from the cache and that were not, in both streams together; of the first,
   * `keptTokens` were on disk.
   */
  readonly prefill: {
    readonly cachedTokens: number
    readonly computedTokens: number
    readonly keptTokens?: number
  }
  /** Feeds a chain of tokens below `from` in one forward pass; returns one row for each token, in order. */
  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]>
  /**
   * Feeds several branches in one forward pass; returns one row for each token, in order.
   * A token sees its ancestors only: its row is the one that a chain along its path gives.
   */
  feedTree(tokens: readonly TreeToken[]): Promise<LocalRow[]>
  /**
   * Drops every row that is neither `row`, nor above or below it. Those above can still
   * be fed from, but not be read any more.
   */
  retain(row: LocalRow): void
  /** Rows of its prompts stay on disk where an owner is named: never for a conversation. */
  close(keeping?: { readonly keepFor: string }): void
}

/** A token to feed below a row, or below an earlier token of the same chunk, which is named by its index. */
export interface TreeToken {
  readonly parent: LocalRow | number
  readonly token: TokenId
}

/**
 * Both streams' view of the token that follows a position. Logits are unnormalised; their
 * differences are nats.
 */
export interface LocalRow {
  /** Emitted tokens before this position: 0 for the root. */
  readonly depth: number
  /** The likeliest tokens of `without`, best first: a function of public text alone. */
  readonly publicGuesses: readonly Guess[]
  /** The best tokens of `logsoftmax(without) + strength * delta`, best first: they depend on the profile. */
  readonly privateGuesses: readonly Guess[]
  /** delta = with - without at `ids`, into `into` (same length), up to a constant shared by the whole row. */
  deltasInto(ids: Int32Array, into: Float64Array): void
  /** The largest delta, with the same constant, among all tokens but `ids`; -Infinity when none is left. */
  maxDeltaOutside(ids: Int32Array): number
  /**
   * The delta, with the same constant, of a token that steering makes neither likelier
   * nor less likely: the logarithm of the mean of exp(c * delta) under `without`, divided
   * by c. 0 at strength c = 0, where no delta counts.
   */
  readonly neutralDelta: number
  /** Whether a token has a delta of its own; others have the neutral one. Left out where all have. */
  knows?(id: number): boolean
}

export interface Guess {
  readonly token: TokenId
  /** Probability under the scores that rank the guesses, [0, 1]. */
  readonly probability: number
}
