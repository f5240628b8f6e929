import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { KeyValueCache, NewRows } from '../cache/key-value-cache.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { type DecoderKind, streamCount } from '../graph/decoder-graph.ts'
import { PUBLIC_LOGITS } from '../graph/guess-nodes.ts'
import type { BuiltGraph, DecoderShape } from '../graph/model-graph.ts'
import { createSession, type StoredSession } from './create-session.ts'
import type { DecoderStep, TreeStep } from './decoder.ts'
import { type WindowLayout, WindowLayouts, windowOffsets } from './window-layouts.ts'

/** Output tensors by name, as decoder-graph.ts lists them. */
export type Outputs = Readonly<Record<string, Tensor>>

export interface SessionOptions {
  readonly kind: DecoderKind
  /** Cores to compute with. */
  readonly threads: number
  readonly storeAs?: StoredSession
}

/** What the graph is fed for one stream. */
interface StreamFeed {
  readonly cache: KeyValueCache
  readonly tokens: Int32Array
  readonly positions: readonly number[]
  /** Cached tokens before the window. */
  readonly past: number
  readonly layout: WindowLayout
  /** Which of the tokens go on to the output head. */
  readonly headRows: readonly number[]
}

interface Run {
  readonly outputs: Outputs
  readonly newRows: NewRows
  /** Where each stream's rows begin. */
  readonly starts: readonly number[]
}

const idle = Int32Array.of(0)

/** A loaded decoder graph. Runs block the thread: it belongs into a worker. */
export class DecoderSession {
  readonly shape: DecoderShape
  readonly #session: InferenceSession
  readonly #streams: number
  readonly #layouts: WindowLayouts
  readonly #feeds: Record<string, Tensor> = {}
  readonly #zeroRow: Tensor
  readonly #allOutputs: readonly string[]
  readonly #usualOutputs: readonly string[]

  private constructor(shape: DecoderShape, session: InferenceSession, kind: DecoderKind) {
    this.shape = shape
    this.#session = session
    this.#streams = streamCount(kind)
    this.#layouts = new WindowLayouts(shape)
    this.#allOutputs = session.outputNames
    this.#usualOutputs = session.outputNames.filter((name) => name !== PUBLIC_LOGITS)
    this.#zeroRow = this.#rows(new Float32Array(shape.kvHeads * shape.headDim), 1)
  }

  static async create(
    { shape, graphPaths }: BuiltGraph,
    { kind, threads, storeAs }: SessionOptions,
  ): Promise<DecoderSession> {
    const session = await createSession(graphPaths[kind], threads, storeAs)
    return new DecoderSession(shape, session, kind)
  }

  /** Runs all streams' tokens in one pass and appends their K/V rows to the caches. */
  async run({ streams, headRows, strength = 0, publicLogits = false }: DecoderStep): Promise<Outputs> {
    const feeds = streams.map(({ cache, tokens: own }): StreamFeed => {
      // The kernels need a row of every stream, so an idle one gets a row that nobody keeps
      const tokens = own.length === 0 ? idle : own
      const held = cache.length % WINDOW_TOKENS
      return {
        cache,
        tokens,
        positions: Array.from(tokens, (_, index) => cache.length + index),
        past: cache.length - held,
        layout: this.#layouts.chain(held, tokens.length),
        headRows: headRows ?? [tokens.length - 1],
      }
    })
    const { outputs, newRows, starts } = await this.#run(feeds, { strength, publicLogits })
    streams.forEach(({ cache, tokens }, stream) => {
      cache.append(newRows, starts[stream] ?? 0, tokens.length)
    })
    return outputs
  }

  /** Runs a tree of tokens in one pass; all of them go on to the output head. The caches stay as they are. */
  async runTree({ streams, parents, tokens, ...wanted }: TreeStep): Promise<Run> {
    const feeds = streams.map(({ cache, shared }): StreamFeed => {
      const past = shared - (shared % WINDOW_TOKENS)
      const offsets = windowOffsets(shared - past, parents)
      return {
        cache,
        tokens,
        positions: offsets.slice(-tokens.length).map((offset) => past + offset),
        past,
        layout: this.#layouts.tree({ shared: shared - past, parents, count: tokens.length }),
        headRows: Array.from(tokens.keys()),
      }
    })
    return this.#run(feeds, wanted)
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  async #run(
    streams: readonly StreamFeed[],
    { strength, publicLogits }: Pick<TreeStep, 'strength' | 'publicLogits'>,
  ): Promise<Run> {
    const feeds = this.#feeds
    const counts = streams.map(({ tokens }) => tokens.length)
    const starts = counts.map((_, stream) => counts.slice(0, stream).reduce((sum, count) => sum + count, 0))
    const total = counts.reduce((sum, count) => sum + count, 0)
    feeds.ids = integers(
      streams.flatMap(({ tokens }) => [...tokens]),
      [1, total],
    )
    feeds.positions = integers(
      streams.flatMap(({ positions }) => positions),
      [1, total],
    )
    feeds.head_rows = integers(
      streams.flatMap(({ headRows }, stream) => headRows.map((row) => row + (starts[stream] ?? 0))),
    )
    feeds.zero_row = this.#zeroRow
    if (this.#streams === 2) {
      feeds.rows = integers(counts)
      feeds.query_rows = integers(counts.map((count) => count * this.#layouts.group))
      feeds.strength = new Tensor('float32', Float32Array.of(strength), [1])
    }
    for (const [index, stream] of streams.entries()) this.#feedStream(index, stream)
    const outputs = await this.#session.run(feeds, publicLogits ? this.#allOutputs : this.#usualOutputs)
    return { outputs, newRows: { values: outputs.new_rows?.data as Float32Array, count: total }, starts }
  }

  #feedStream(stream: number, { cache, past, layout }: StreamFeed): void {
    const feeds = this.#feeds
    const { locality, layers } = this.shape
    const near = this.#layouts.nearRows(past)
    feeds[`window_columns_${stream}`] = layout.columns
    if (!locality?.layers.every(Boolean)) {
      feeds[`past_mask_${stream}`] = this.#layouts.past(past)
      feeds[`window_mask_${stream}`] = layout.mask
      feeds[`spans_${stream}`] = integers([Math.max(1, past), layout.columns.size])
    }
    if (locality?.layers.some(Boolean)) {
      feeds[`near_past_mask_${stream}`] = this.#layouts.nearPast(past, layout.offsets)
      feeds[`near_window_mask_${stream}`] = layout.nearMask
      feeds[`near_spans_${stream}`] = integers([Math.max(1, near), layout.columns.size])
    }
    const held = cache.length - past
    for (let layer = 0; layer < layers; layer++) {
      const seen = locality?.layers[layer] ? near : past
      for (const [offset, name] of ['key', 'value'].entries()) {
        const plane = 2 * layer + offset
        feeds[`past_${name}_${layer}_${stream}`] =
          seen === 0 ? this.#zeroRow : this.#rows(cache.rows(plane, past - seen), seen)
        feeds[`window_${name}_${layer}_${stream}`] = this.#rows(cache.rows(plane, past), held)
      }
    }
  }

  /** The first `count` rows of `data` as a tensor, without copying. */
  #rows(data: Float32Array, count: number): Tensor {
    const { kvHeads, headDim } = this.shape
    return new Tensor('float32', data.subarray(0, count * kvHeads * headDim), [count, kvHeads, headDim])
  }
}

function integers(values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
}
