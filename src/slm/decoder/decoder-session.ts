import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { KeyValueCache, type NewRows } from '../cache/key-value-cache.ts'
import { rowSizes, WINDOW_TOKENS } from '../graph/attention-nodes.ts'
import { type DecoderKind, streamCount } from '../graph/decoder-graph.ts'
import { PUBLIC_LOGITS } from '../graph/guess-nodes.ts'
import type { BuiltGraph, DecoderShape } from '../graph/model-graph.ts'
import { createSession, type StoredSession } from './create-session.ts'
import { type DecoderStep, isTree, type PairStep, type TreeStep } from './decoder.ts'
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

/** What one caller has computed in a pass: a stream by itself, or a pair. */
interface Part {
  readonly streams: readonly StreamFeed[]
  readonly strength: number
  readonly publicLogits: boolean
}

/** What a pass gave for one part. */
export interface DecoderRun {
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
  readonly #sizes: ReturnType<typeof rowSizes>
  readonly #zeroRows: { readonly key: Tensor; readonly value: Tensor }
  readonly #allOutputs: readonly string[]
  readonly #usualOutputs: readonly string[]
  /** What a pass with fewer callers than pairs computes in vain. */
  readonly #unused: StreamFeed

  private constructor(shape: DecoderShape, session: InferenceSession, kind: DecoderKind) {
    this.shape = shape
    this.#session = session
    this.#streams = streamCount(kind)
    this.#layouts = new WindowLayouts(shape)
    this.#allOutputs = session.outputNames
    this.#usualOutputs = session.outputNames.filter((name) => name !== PUBLIC_LOGITS)
    const layout = this.#layouts.chain(0, 1)
    const cache = new KeyValueCache(shape, 1)
    this.#unused = { cache, tokens: idle, positions: [0], past: 0, layout, headRows: [] }
    this.#sizes = rowSizes(shape)
    const zeros = new Float32Array(shape.kvHeads * shape.headDim)
    this.#zeroRows = { key: this.#rows('key', zeros, 1), value: this.#rows('value', zeros, 1) }
  }

  static async create(
    { shape, graphPaths }: BuiltGraph,
    { kind, threads, storeAs }: SessionOptions,
  ): Promise<DecoderSession> {
    const session = await createSession(graphPaths[kind], threads, storeAs)
    return new DecoderSession(shape, session, kind)
  }

  /** Runs all streams' tokens in one pass and appends their K/V rows to the caches. */
  async run(step: DecoderStep): Promise<Outputs> {
    const [run] = await this.runTogether([step])
    return (run as DecoderRun).outputs
  }

  /** Runs a tree of tokens in one pass; all of them go on to the output head. The caches stay as they are. */
  async runTree(step: TreeStep): Promise<DecoderRun> {
    const [run] = await this.runTogether([step])
    return run as DecoderRun
  }

  /** Runs the steps of several callers in one pass, as many as the graph has pairs. */
  async runTogether(steps: readonly PairStep[]): Promise<DecoderRun[]> {
    const runs = await this.#run(steps.map((step) => (isTree(step) ? this.#tree(step) : this.#chain(step))))
    for (const [at, step] of steps.entries()) {
      if (isTree(step)) continue
      const { newRows, starts } = runs[at] as DecoderRun
      step.streams.forEach(({ cache, tokens }, stream) => {
        cache.append(newRows, starts[stream] ?? 0, tokens.length)
      })
    }
    return runs
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #chain({ streams, headRows, strength = 0, publicLogits = false }: DecoderStep): Part {
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
    return { streams: feeds, strength, publicLogits }
  }

  #tree({ streams, parents, tokens, strength, publicLogits }: TreeStep): Part {
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
    return { streams: feeds, strength, publicLogits }
  }

  async #run(parts: readonly Part[]): Promise<DecoderRun[]> {
    const feeds = this.#feeds
    const used = parts.flatMap(({ streams }) => streams)
    const streams = [...used, ...Array<StreamFeed>(this.#streams - used.length).fill(this.#unused)]
    const counts = streams.map(({ tokens }) => tokens.length)
    const starts = running(counts)
    const total = counts.reduce((sum, count) => sum + count, 0)
    feeds.ids = integers(
      streams.flatMap(({ tokens }) => [...tokens]),
      [1, total],
    )
    feeds.positions = integers(
      streams.flatMap(({ positions }) => positions),
      [1, total],
    )
    const headRows = streams.map((stream, at) => stream.headRows.map((row) => row + (starts[at] ?? 0)))
    const roles = Math.min(2, this.#streams)
    const byRole = Array.from({ length: roles }, (_, role) => headRows.filter((_, at) => at % roles === role))
    feeds.head_rows = integers(byRole.flat(2))
    feeds.zero_key = this.#zeroRows.key
    feeds.zero_value = this.#zeroRows.value
    const positions = parts.map((part) => part.streams[0]?.headRows.length ?? 0)
    if (this.#streams > 1) {
      feeds.rows = integers(counts)
      feeds.query_rows = integers(counts.map((count) => count * this.#layouts.group))
      const strengths = parts.flatMap(({ strength }, at) => Array<number>(positions[at] ?? 0).fill(strength))
      feeds.strengths = new Tensor('float32', Float32Array.from(strengths), [strengths.length, 1])
    }
    for (const [index, stream] of streams.entries()) this.#feedStream(index, stream)
    const wanted = parts.some(({ publicLogits }) => publicLogits) ? this.#allOutputs : this.#usualOutputs
    const { new_rows, ...outputs } = await this.#session.run(feeds, wanted)
    const newRows = { values: new_rows?.data as Float32Array, count: total }
    const from = running(positions)
    return parts.map((_, at) => ({
      outputs: parts.length === 1 ? outputs : cut(outputs, from[at] ?? 0, positions[at] ?? 0),
      newRows,
      starts: starts.slice(at * roles, (at + 1) * roles),
    }))
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
      for (const [offset, kind] of (['key', 'value'] as const).entries()) {
        const plane = 2 * layer + offset
        feeds[`past_${kind}_${layer}_${stream}`] =
          seen === 0 ? this.#zeroRows[kind] : this.#rows(kind, cache.rows(plane, past - seen), seen)
        feeds[`window_${kind}_${layer}_${stream}`] = this.#rows(kind, cache.rows(plane, past), held)
      }
    }
  }

  /** The first `count` rows of `data` as a tensor, without copying. */
  #rows(kind: 'key' | 'value', data: Float32Array, count: number): Tensor {
    const { kvHeads, headDim } = this.shape
    return new Tensor('float32', data.subarray(0, count * kvHeads * headDim), [count, ...this.#sizes[kind]])
  }
}

/** Where each begins, one after the other. */
function running(counts: readonly number[]): number[] {
  let sum = 0
  return counts.map((count) => {
    sum += count
    return sum - count
  })
}

/** Some of the positions, [1, positions, ...], in memory of their own. */
function cut(outputs: Outputs, from: number, count: number): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, dims, data }]) => {
      const width = dims.slice(2).reduce((product, size) => product * size, 1)
      const own = (data as Float32Array | BigInt64Array).slice(from * width, (from + count) * width)
      return [name, new Tensor(type as 'float32', own as Float32Array, [1, count, ...dims.slice(2)])]
    }),
  )
}

function integers(values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
}
