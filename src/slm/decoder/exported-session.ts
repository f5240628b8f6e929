import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { GatewayError } from '../../gateway-error.ts'
import type { KeyValueCache } from '../cache/key-value-cache.ts'
import type { DecoderShape, ExportedGraph } from '../graph/model-graph.ts'
import { createSession } from './create-session.ts'

/**
 * The last run of a cache: its `present` tensors are the next run's past, while the cache
 * has not changed since.
 */
interface LastRun {
  readonly revision: number
  readonly present: readonly Tensor[]
}

const PAST = /^past_key_values\.(\d+)\.(key|value)$/

/**
 * An exported decoder graph, one stream at a time. Names and types come from the graph
 * itself. Every run copies the whole past, which makes it slower the longer the context is.
 */
export class ExportedSession {
  readonly shape: DecoderShape
  readonly #session: InferenceSession
  readonly #lastRuns = new WeakMap<KeyValueCache, LastRun>()

  private constructor(shape: DecoderShape, session: InferenceSession) {
    this.shape = shape
    this.#session = session
  }

  /**
   * Rejects with GatewayError `model_file_invalid` when the graph keeps a state other than keys and values.
   */
  static async create({ shape, graphPath }: ExportedGraph, threads: number): Promise<ExportedSession> {
    const session = await createSession(graphPath, threads)
    const past = session.inputNames.filter((name) => PAST.test(name))
    const hybrid = session.inputNames.some((name) => /^past_(?!key_values)/.test(name))
    const floats = session.inputMetadata.every(
      (input) => !PAST.test(input.name) || (input.isTensor && input.type === 'float32'),
    )
    if (past.length === 2 * shape.layers && !hybrid && floats) return new ExportedSession(shape, session)
    await session.release()
    throw new GatewayError(
      'model_file_invalid',
      `The graph ${graphPath} cannot be used: it does not keep its past as ${2 * shape.layers} float32 keys and values. Take a GGUF file.`,
    )
  }

  /**
   * Appends the tokens' rows to the cache and returns the logits of `headRows`,
   * [headRows.length * vocabularySize].
   */
  async run(cache: KeyValueCache, tokens: Int32Array, headRows: readonly number[]): Promise<Float32Array> {
    const { vocabularySize } = this.shape
    const kept = tokens.length - Math.min(...headRows)
    const outputs = await this.#session.run(this.#feeds(cache, tokens, kept))
    const present = this.#planes('present').map((name) => outputs[name] as Tensor)
    this.#append(cache, tokens.length, present)
    this.#lastRuns.set(cache, { revision: cache.revision, present })
    const logits = outputs.logits?.data as Float32Array
    const returned = outputs.logits?.dims[1] ?? 0
    const rows = new Float32Array(headRows.length * vocabularySize)
    for (const [index, row] of headRows.entries()) {
      const start = (row - tokens.length + returned) * vocabularySize
      rows.set(logits.subarray(start, start + vocabularySize), index * vocabularySize)
    }
    return rows
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #feeds(cache: KeyValueCache, tokens: Int32Array, kept: number): Record<string, Tensor> {
    const integers = (values: readonly number[], dimensions: readonly number[]) =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions)
    const count = tokens.length
    const total = cache.length + count
    const known: Record<string, () => Tensor> = {
      input_ids: () => integers([...tokens], [1, count]),
      attention_mask: () => integers(new Array(total).fill(1), [1, total]),
      position_ids: () =>
        integers(
          Array.from(tokens, (_, index) => cache.length + index),
          [1, count],
        ),
      num_logits_to_keep: () => integers([kept], []),
    }
    const feeds: Record<string, Tensor> = {}
    for (const name of this.#session.inputNames) {
      const feed = known[name]
      if (feed) feeds[name] = feed()
    }
    const last = this.#lastRuns.get(cache)
    const past = last?.revision === cache.revision ? last.present : this.#past(cache)
    for (const [plane, name] of this.#planes('past_key_values').entries()) feeds[name] = past[plane] as Tensor
    return feeds
  }

  /** Names of the keys and values of all layers, in the order of a cache's planes. */
  #planes(prefix: string): string[] {
    return Array.from({ length: this.shape.layers }, (_, layer) => [
      `${prefix}.${layer}.key`,
      `${prefix}.${layer}.value`,
    ]).flat()
  }

  /** The cache as the graph takes it, [1, kvHeads, tokens, headDim]. */
  #past(cache: KeyValueCache): Tensor[] {
    const { layers, kvHeads, headDim } = this.shape
    const count = cache.length
    return Array.from({ length: 2 * layers }, (_, plane) => {
      const rows = cache.rows(plane, 0)
      const values = new Float32Array(kvHeads * count * headDim)
      for (let head = 0; head < kvHeads; head++)
        for (let token = 0; token < count; token++) {
          const from = (token * kvHeads + head) * headDim
          values.set(rows.subarray(from, from + headDim), (head * count + token) * headDim)
        }
      return new Tensor('float32', values, [1, kvHeads, count, headDim])
    })
  }

  #append(cache: KeyValueCache, count: number, present: readonly Tensor[]): void {
    const { kvHeads, headDim } = this.shape
    const total = cache.length + count
    const width = kvHeads * headDim
    const values = new Float32Array(present.length * count * width)
    for (const [plane, tensor] of present.entries()) {
      const data = tensor.data as Float32Array
      for (let head = 0; head < kvHeads; head++)
        for (let row = 0; row < count; row++) {
          const from = (head * total + cache.length + row) * headDim
          values.set(data.subarray(from, from + headDim), (plane * count + row) * width + head * headDim)
        }
    }
    cache.append({ values, count }, 0, count)
  }
}
