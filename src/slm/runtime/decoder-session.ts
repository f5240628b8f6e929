import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelShape } from '../gguf/model-weights.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { type DecoderKind, streamCount } from '../graph/decoder-graph.ts'
import type { PreparedGraph } from '../graph/prepare-graph.ts'
import { AttentionMasks } from './attention-masks.ts'
import type { KeyValueCache, NewRows } from './key-value-cache.ts'

/** One stream's part of a step: these tokens, at least one, follow what its cache holds, within one window. */
export interface StreamStep {
  readonly cache: KeyValueCache
  readonly tokens: readonly number[]
}

export interface DecoderStep {
  readonly streams: readonly StreamStep[]
  /** Rows that go on to the output head, as indices into the streams' tokens one after another; may be empty. */
  readonly headRows: readonly number[]
  /** Weight of delta in the private guesses. */
  readonly strength?: number
}

/** Output tensors by name, as decoder-graph.ts lists them, with the K/V rows already in the caches. */
export interface DecoderResult {
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly newRows: NewRows
}

export interface SessionOptions {
  readonly kind: DecoderKind
  /** Cores to compute with. */
  readonly threads: number
}

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
    this.#masks = new AttentionMasks(shape.heads / shape.kvHeads)
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
    })
    return new DecoderSession(shape, session, kind)
  }

  /** Runs all streams' tokens in one pass and appends their K/V rows to the caches. */
  async run({ streams, headRows, strength = 0 }: DecoderStep): Promise<DecoderResult> {
    const feeds = this.#feeds
    const counts = streams.map(({ tokens }) => tokens.length)
    const total = counts.reduce((sum, count) => sum + count, 0)
    feeds.ids = integers(
      streams.flatMap(({ tokens }) => tokens),
      [1, total],
    )
    feeds.positions = integers(
      streams.flatMap(({ cache, tokens }) => tokens.map((_, index) => cache.length + index)),
      [1, total],
    )
    feeds.head_rows = integers(headRows)
    if (this.#streams === 2) {
      feeds.rows = integers(counts)
      feeds.query_rows = integers(counts.map((count) => count * this.#masks.group))
      feeds.strength = new Tensor('float32', Float32Array.of(strength), [1])
    }
    streams.forEach((stream, index) => {
      this.#feedStream(stream, index)
    })
    const outputs = await this.#session.run(feeds)
    const newRows = { values: outputs.new_rows?.data as Float32Array, count: total }
    let from = 0
    for (const { cache, tokens } of streams) {
      cache.append(newRows, from, tokens.length)
      from += tokens.length
    }
    return { outputs, newRows }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #feedStream({ cache, tokens }: StreamStep, stream: number): void {
    const feeds = this.#feeds
    const { layers } = this.shape
    const windowStart = cache.length - (cache.length % WINDOW_TOKENS)
    const held = cache.length - windowStart
    if (held + tokens.length > WINDOW_TOKENS) throw new RangeError('a step may not cross a window')
    feeds[`past_mask_${stream}`] = this.#masks.past(windowStart)
    feeds[`window_mask_${stream}`] = this.#masks.window(held, tokens.length)
    feeds[`spans_${stream}`] = integers([Math.max(1, windowStart), WINDOW_TOKENS])
    feeds[`padding_${stream}`] = this.#rows(this.#zeros, WINDOW_TOKENS - held - tokens.length)
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
