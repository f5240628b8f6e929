import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelShape } from '../gguf/model-weights.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { type DecoderKind, streamCount } from '../graph/decoder-graph.ts'
import type { PreparedGraph } from '../graph/prepare-graph.ts'
import { AttentionMasks } from './attention-masks.ts'
import type { KeyValueCache } from './key-value-cache.ts'

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

/** Output tensors by name, as decoder-graph.ts lists them. */
export type Outputs = Readonly<Record<string, Tensor>>

export interface SessionOptions {
  readonly kind: DecoderKind
  /** Cores to compute with. */
  readonly threads: number
}

/** How many of `remaining` tokens one step takes after `length` ones: to the end of the window. */
export const stepTokens = (length: number, remaining: number): number =>
  Math.min(remaining, WINDOW_TOKENS - (length % WINDOW_TOKENS))

/**
 * Waiting threads sleep: spinning gains a tenth on an idle machine and halves the speed beside another busy program, such
 * as an upstream. Numbers too small for a normalised float32 count as zero, since they slow many processors down.
 */
const SESSION_SETTINGS = { session: { intra_op: { allow_spinning: '0' }, set_denormal_as_zero: '1' } }

const IDLE = Int32Array.of(0)

/** A loaded decoder graph. Runs block the thread: it belongs into a worker. */
export class DecoderSession {
  readonly shape: ModelShape
  readonly #session: InferenceSession
  readonly #streams: number
  readonly #masks: AttentionMasks
  readonly #feeds: Record<string, Tensor> = {}
  readonly #zeros: Float32Array

  private constructor(shape: ModelShape, session: InferenceSession, kind: DecoderKind) {
    this.shape = shape
    this.#session = session
    this.#streams = streamCount(kind)
    this.#masks = new AttentionMasks(shape)
    this.#zeros = new Float32Array(WINDOW_TOKENS * shape.kvHeads * shape.headDim)
  }

  static async create(
    { shape, graphPaths }: PreparedGraph,
    { kind, threads }: SessionOptions,
  ): Promise<DecoderSession> {
    const session = await InferenceSession.create(graphPaths[kind], {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: SESSION_SETTINGS,
    })
    return new DecoderSession(shape, session, kind)
  }

  /** Runs all streams' tokens in one pass and appends their K/V rows to the caches. */
  async run({ streams, headRows, strength = 0 }: DecoderStep): Promise<Outputs> {
    const feeds = this.#feeds
    // The kernels need a row of every stream, so an idle one gets a row that nobody keeps
    const rows = streams.map(({ tokens }) => (tokens.length === 0 ? IDLE : tokens))
    const total = rows.reduce((sum, { length }) => sum + length, 0)
    feeds.ids = integers(
      rows.flatMap((tokens) => [...tokens]),
      [1, total],
    )
    feeds.positions = integers(
      rows.flatMap((tokens, stream) =>
        Array.from(tokens, (_, index) => (streams[stream]?.cache.length ?? 0) + index),
      ),
      [1, total],
    )
    const starts = rows.map((_, stream) => rows.slice(0, stream).reduce((sum, { length }) => sum + length, 0))
    feeds.head_rows = integers(
      rows.flatMap((tokens, stream) =>
        (headRows ?? [tokens.length - 1]).map((row) => row + (starts[stream] ?? 0)),
      ),
    )
    if (this.#streams === 2) {
      feeds.rows = integers(rows.map(({ length }) => length))
      feeds.query_rows = integers(rows.map(({ length }) => length * this.#masks.group))
      feeds.strength = new Tensor('float32', Float32Array.of(strength), [1])
    }
    streams.forEach(({ cache }, stream) => {
      this.#feedStream(stream, cache, rows[stream]?.length ?? 0)
    })
    const outputs = await this.#session.run(feeds)
    const newRows = { values: outputs.new_rows?.data as Float32Array, count: total }
    streams.forEach(({ cache, tokens }, stream) => {
      cache.append(newRows, starts[stream] ?? 0, tokens.length)
    })
    return outputs
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #feedStream(stream: number, cache: KeyValueCache, count: number): void {
    const feeds = this.#feeds
    const { layers } = this.shape
    const windowStart = cache.length - (cache.length % WINDOW_TOKENS)
    const held = cache.length - windowStart
    if (held + count > WINDOW_TOKENS) throw new RangeError('a step may not cross a window')
    feeds[`past_mask_${stream}`] = this.#masks.past(windowStart)
    feeds[`window_mask_${stream}`] = this.#masks.window(held, count)
    feeds[`spans_${stream}`] = integers([Math.max(1, windowStart), WINDOW_TOKENS])
    feeds[`padding_${stream}`] = this.#rows(this.#zeros, WINDOW_TOKENS - held - count)
    for (let layer = 0; layer < layers; layer++)
      for (const [offset, name] of ['key', 'value'].entries()) {
        const plane = 2 * layer + offset
        feeds[`past_${name}_${layer}_${stream}`] =
          windowStart === 0 ? this.#rows(this.#zeros, 1) : this.#rows(cache.rows(plane, 0), windowStart)
        feeds[`window_${name}_${layer}_${stream}`] = this.#rows(cache.rows(plane, windowStart), held)
      }
  }

  /** The first `count` rows of `data` as a tensor, without copying. */
  #rows(data: Float32Array, count: number): Tensor {
    const { kvHeads, headDim } = this.shape
    return new Tensor('float32', data.subarray(0, count * kvHeads * headDim), [count, kvHeads, headDim])
  }
}

const integers = (values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
