import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import type { DecoderShape } from '../graph/prepared-graph.ts'
import type { KeyValueCache } from './key-value-cache.ts'
import type { PairRows } from './worker-protocol.ts'

/** One stream's part of a step: these tokens follow what its cache holds. With none it sits the step out. */
export interface StreamStep {
  readonly cache: KeyValueCache
  /** They must stay within one window: see `stepTokens`. */
  readonly tokens: Int32Array
}

export interface DecoderStep {
  readonly streams: readonly StreamStep[]
  /** Which of a stream's tokens go on to the output head; the last one without it. The same for all streams. */
  readonly headRows?: readonly number[]
  /** Weight of delta in the private guesses. */
  readonly strength?: number
}

/** A loaded model. A step blocks the thread, and appends the K/V rows of its tokens to the caches. */
interface Decoder<Result> {
  readonly shape: DecoderShape
  run(step: DecoderStep): Promise<Result>
  release(): Promise<void>
}

/** One stream; its logits, [head rows * vocabularySize]. */
export type LogitsDecoder = Decoder<Float32Array>
/** Two streams, `with` first. */
export type PairDecoder = Decoder<PairRows>

/** How many of `remaining` tokens one step takes after `length` ones: to the end of the window. */
export const stepTokens = (length: number, remaining: number): number =>
  Math.min(remaining, WINDOW_TOKENS - (length % WINDOW_TOKENS))
