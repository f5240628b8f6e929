// Decoder: a loaded graph and how a step of it is run. This room owns ONNX sessions, what they are fed and
// what comes out. It must not know continuations, requests or the worker: it runs on the thread that calls
// it.

import type { KeyValueCache, NewRows } from '../cache/key-value-cache.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import type { DecoderShape } from '../graph/model-graph.ts'

/** One stream's part of a step: these tokens follow what its cache holds. With none it sits the step out. */
export interface StreamStep {
  readonly cache: KeyValueCache
  /** They must stay within one window: see `stepTokens`. */
  readonly tokens: Int32Array
}

export interface DecoderStep {
  readonly streams: readonly StreamStep[]
  /**
   * Which of a stream's tokens go on to the output head; the last one without it. The same for all streams.
   */
  readonly headRows?: readonly number[]
  /** Weight of delta in the private guesses. */
  readonly strength?: number
  /** Whether a pair tells the logits of `without`, too. */
  readonly publicLogits?: boolean
}

/** A loaded model. A step blocks the thread, and appends the K/V rows of its tokens to the caches. */
interface Decoder<Result> {
  readonly shape: DecoderShape
  run(step: DecoderStep): Promise<Result>
  release(): Promise<void>
}

/** One stream; its logits, [head rows * vocabularySize]. */
export type LogitsDecoder = Decoder<Float32Array>

/** Both streams' outputs for consecutive rows, row after row. */
export interface PairRows {
  readonly count: number
  /** [count * vocabularySize] */
  readonly delta: Float32Array
  /** [count * guesses], best first. */
  readonly publicTokens: Int32Array
  readonly publicProbabilities: Float32Array
  readonly privateTokens: Int32Array
  readonly privateProbabilities: Float32Array
  /** [count], by how much strength * delta raises the normaliser of `without`, in nats. */
  readonly gain: Float32Array
}

export interface PairOutputs {
  readonly rows: PairRows
  /** Of `without`, [count * vocabularySize]; null unless asked for, or where the graph does not tell them. */
  readonly publicLogits: Float32Array | null
}

/** Two streams, `with` first. */
export interface PairDecoder extends Decoder<PairOutputs> {
  /** Computes branches side by side, if the decoder can. */
  readonly runTree?: (step: TreeStep) => Promise<TreeRows>
  /**
   * Steps of several pairs in one pass, PAIRS_TOGETHER at most, if the decoder can; the same bits as one by
   * one.
   */
  readonly runTogether?: (steps: readonly PairStep[]) => Promise<readonly TreeRows[]>
}

export type PairStep = DecoderStep | TreeStep

export function isTree(step: PairStep): step is TreeStep {
  return 'parents' in step
}

/** A tree of tokens below what both streams' caches hold. */
export interface TreeStep {
  readonly streams: readonly {
    readonly cache: KeyValueCache
    /** Cached tokens that all new ones follow. The cached ones after them belong to the tree. */
    readonly shared: number
  }[]
  /**
   * For each cached row of the tree, then for each new token, the index of the one it
   * follows; -1 for the shared ones.
   */
  readonly parents: Int32Array
  readonly tokens: Int32Array
  readonly strength: number
  readonly publicLogits: boolean
}

/** The new tokens' rows; K/V rows are returned, and not cached where they are those of a tree. */
export interface TreeRows extends PairOutputs {
  readonly newRows: NewRows
  /** Where each stream's K/V rows begin. */
  readonly starts: readonly number[]
}

/** How many of `remaining` tokens one step takes after `length` ones: to the end of the window. */
export function stepTokens(length: number, remaining: number): number {
  return Math.min(remaining, WINDOW_TOKENS - (length % WINDOW_TOKENS))
}

/** Whether so many new tokens are a prompt to read, not the step of an answer that runs. */
export function isPrompt(newTokens: number): boolean {
  return newTokens > LONGEST_STEP
}

/** An answer's step has the tokens of a few guesses at most. */
const LONGEST_STEP = 16
