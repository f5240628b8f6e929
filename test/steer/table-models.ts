import type { Distribution } from '../../src/steer/distribution.ts'
import type { LocalContinuation, LocalRow, TreeToken } from '../../src/steer/local-pair.ts'
import { tokenChain } from '../../src/steer/token-chain.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../src/steer/upstream.ts'
import type { Vocabulary } from '../../src/steer/vocabulary.ts'
import { logSoftmax } from './ftrl-loop.ts'

/** The top K of a table of logits, as an upstream would answer it. */
export function topK(logits: readonly number[], candidates: number): Distribution {
  const logprobs = logSoftmax(logits)
  const ids = logprobs.map((_, id) => id)
  ids.sort((a, b) => (logprobs[b] ?? 0) - (logprobs[a] ?? 0) || a - b)
  const kept = ids.slice(0, candidates)
  return {
    ids: Int32Array.from(kept),
    logprobs: Float64Array.from(kept, (id) => logprobs[id] ?? 0),
    complete: kept.length === logits.length,
  }
}

/** A local row over a table of deltas. */
export function rowOf(deltas: readonly number[], depth = 0): LocalRow {
  return {
    depth,
    publicGuesses: [],
    privateGuesses: [],
    neutralDelta: 0,
    deltasInto: (ids, into) => {
      for (let i = 0; i < ids.length; i++) into[i] = deltas[ids[i] as number] as number
    },
    maxDeltaOutside: (ids) => {
      const named = new Set(ids)
      return Math.max(Number.NEGATIVE_INFINITY, ...deltas.filter((_, id) => !named.has(id)))
    },
  }
}

/** Logits as a pure function of a prefix. */
export type TableModel = (prefix: readonly number[]) => readonly number[]

/** A vocabulary of letters: token 0 is "a"; the last token ends the answer and has no text. */
export function letterVocabulary(size: number): Vocabulary {
  return {
    size,
    fingerprint: `letters-${size}`,
    bytes: (token) => (token === size - 1 ? new Uint8Array() : Uint8Array.of(97 + token)),
    endTokens: new Set([tokenId(size - 1)]),
  }
}

/** An upstream over a table model that remembers every prefix it was asked about. */
export class TableUpstream implements Upstream {
  readonly model = 'table'
  readonly vocabulary: Vocabulary
  readonly limits: Upstream['limits']
  readonly asked: (readonly TokenId[])[] = []
  streamsEnded = 0
  readonly #model: TableModel

  constructor(model: TableModel, vocabulary: Vocabulary, contextTokens = 10_000) {
    this.#model = model
    this.vocabulary = vocabulary
    this.limits = { contextTokens, maxCandidates: Number.POSITIVE_INFINITY, maxInFlight: 8 }
  }

  async encodeChat(): Promise<TokenId[]> {
    return [tokenId(0)]
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    signal.throwIfAborted()
    this.asked.push(...prefixes)
    return prefixes.map((prefix) => topK(this.#model(prefix), candidates))
  }

  async *stream({ prefix, candidates, maxTokens, signal }: StreamQuery): AsyncGenerator<StreamedToken> {
    this.asked.push(prefix)
    const sequence = [...prefix]
    try {
      for (let i = 0; i < maxTokens; i++) {
        signal.throwIfAborted()
        const distribution = topK(this.#model(sequence), candidates)
        const token = tokenId(distribution.ids[0] as number)
        yield { token, distribution }
        if (this.vocabulary.endTokens.has(token)) return
        sequence.push(token)
      }
    } finally {
      this.streamsEnded++
    }
  }

  async close(): Promise<void> {}
}

/** A local continuation over a table of deltas for each emitted sequence. */
export function tableContinuation(deltas: TableModel): LocalContinuation & { closed: boolean } {
  const sequences = new Map<LocalRow, readonly number[]>()
  const grow = (sequence: readonly number[]): LocalRow => {
    const row = rowOf(deltas(sequence), sequence.length)
    sequences.set(row, sequence)
    return row
  }
  return {
    root: grow([]),
    prefill: { cachedTokens: 0, computedTokens: 0 },
    closed: false,
    async feed(from, tokens) {
      return fedSequences(tokenChain(from, tokens), (row) => sequences.get(row)).map(grow)
    },
    async feedTree(tokens) {
      return fedSequences(tokens, (row) => sequences.get(row)).map(grow)
    },
    retain: () => {},
    close() {
      this.closed = true
    },
  }
}

/** The sequence up to each token of a fed tree. */
export function fedSequences(
  tree: readonly TreeToken[],
  sequenceOf: (row: LocalRow) => readonly number[] | undefined,
): (readonly number[])[] {
  const sequences: (readonly number[])[] = []
  for (const { parent, token } of tree) {
    const start = typeof parent === 'number' ? sequences[parent] : sequenceOf(parent)
    if (start === undefined) throw new Error('the row was dropped')
    sequences.push([...start, token])
  }
  return sequences
}

/**
 * A deterministic random table model: logits in [-scale, scale] from a hash of the seed
 * and the last two tokens.
 */
export function randomModel(seed: number, size: number, scale: number): TableModel {
  return (prefix) => {
    const logits: number[] = []
    for (let id = 0; id < size; id++) {
      let x =
        seed +
        0x9e3779b9 * (1 + id) +
        0x85ebca6b * (2 + (prefix.at(-1) ?? -1)) +
        7919 * (2 + (prefix.at(-2) ?? -1))
      x = Math.imul((x >>> 0) ^ ((x >>> 0) >>> 16), 0x7feb352d)
      x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
      logits.push((((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1) * scale)
    }
    return logits
  }
}
