import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { type DecoderKind, streamCount } from '../graph/decoder-graph.ts'
import type { BuiltGraph, DecoderShape } from '../graph/prepared-graph.ts'
import { AttentionMasks } from './attention-masks.ts'
import { createSession } from './create-session.ts'
import type { DecoderStep } from './decoder.ts'
import type { KeyValueCache } from './key-value-cache.ts'

/** Output tensors by name, as decoder-graph.ts lists them. */
export type Outputs = Readonly<Record<string, Tensor>>

export interface SessionOptions {
  readonly kind: DecoderKind
  /** Cores to compute with. */
  readonly threads: number
}

const IDLE = Int32Array.of(0)

/** A loaded decoder graph. Runs block the thread: it belongs into a worker. */
export class DecoderSession {
  readonly shape: DecoderShape
  readonly #session: InferenceSession
  readonly #streams: number
  readonly #masks: AttentionMasks
  readonly #feeds: Record<string, Tensor> = {}
  readonly #zeros: Float32Array

  private constructor(shape: DecoderShape, session: InferenceSession, kind: DecoderKind) {
    this.shape = shape
    this.#session = session
    this.#streams = streamCount(kind)
    this.#masks = new AttentionMasks(shape)
    this.#zeros = new Float32Array(WINDOW_TOKENS * shape.kvHeads * shape.headDim)
  }

  static async create(
    { shape, graphPaths }: BuiltGraph,
    { kind, threads }: SessionOptions,
  ): Promise<DecoderSession> {
    const session = await createSession(graphPaths[kind], threads)
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
