import type { SequenceSlot, SequenceSlots } from '../cache/sequence-slots.ts'
import { isPrompt, type LogitsDecoder, stepTokens } from '../decoder/decoder.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'
import { logprobsOf, topCandidates } from '../decoder/top-candidates.ts'
import { type ScoreChain, scoreChains } from './score-chains.ts'

/** Scores the token after each of several sequences, one graph run a step. */
export class ScoreJob {
  readonly #decoder: LogitsDecoder
  readonly #slots: SequenceSlots
  readonly #candidates: number | readonly Int32Array[]
  readonly #chains: ScoreChain[]
  readonly #positions: ScoredPosition[] = []
  #slot: SequenceSlot | null = null

  constructor(
    decoder: LogitsDecoder,
    slots: SequenceSlots,
    options: {
      readonly prefixes: readonly Int32Array[]
      readonly candidates: number | readonly Int32Array[]
    },
  ) {
    this.#decoder = decoder
    this.#slots = slots
    this.#candidates = options.candidates
    this.#chains = scoreChains(options.prefixes)
  }

  /** Whether the next step reads a prompt, rather than the few tokens that an answer has gained. */
  get isReading(): boolean {
    const { tokens, ends } = this.#chains[0] ?? { tokens: new Int32Array(0), ends: [] }
    const known = this.#slot?.cache.length ?? this.#slots.known(tokens, (ends[0]?.length ?? 1) - 1)
    return isPrompt(tokens.length - known)
  }

  /**
   * Computes at most `atMost` tokens. One distribution for each sequence, in order, after the last step; null
   * before.
   */
  async step(atMost: number): Promise<readonly ScoredPosition[] | null> {
    const chain = this.#chains[0]
    if (!chain) return this.#positions
    const { tokens, ends } = chain
    const limit = (ends[0]?.length ?? 1) - 1
    this.#slot ??= this.#slots.take(tokens, limit)
    const { cache } = this.#slot
    this.#slots.advance(this.#slot, limit)
    const start = cache.length
    const count = Math.min(atMost, stepTokens(start, tokens.length - start))
    const here = ends.filter(({ length }) => length > start && length <= start + count)
    const lengths = [...new Set(here.map(({ length }) => length))]
    const logits = await this.#decoder.run({
      streams: [{ cache, tokens: tokens.subarray(start, start + count) }],
      ...(lengths.length > 0 ? { headRows: lengths.map((length) => length - start - 1) } : {}),
    })
    this.#slots.keep(this.#slot)
    const size = this.#decoder.shape.vocabularySize
    lengths.forEach((length, row) => {
      const queries = here.filter((end) => end.length === length).map(({ query }) => query)
      this.#tell(queries, logits.subarray(row * size, (row + 1) * size))
    })
    if (start + count < tokens.length) return null
    this.release()
    this.#chains.shift()
    return this.#chains.length === 0 ? this.#positions : null
  }

  #tell(queries: readonly number[], logits: Float32Array): void {
    const candidates = this.#candidates
    const shared = typeof candidates === 'number' ? topCandidates(logits, candidates) : null
    for (const query of queries) {
      const ids = typeof candidates === 'number' ? undefined : candidates[query]
      this.#positions[query] = shared ?? logprobsOf(logits, ids ?? new Int32Array(0))
    }
  }

  /** Gives what was computed back for later queries; also after the last step. */
  release(): void {
    if (this.#slot) this.#slots.give(this.#slot)
    this.#slot = null
  }
}
