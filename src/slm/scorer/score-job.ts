import type { SequenceSlot, SequenceSlots } from '../cache/sequence-slots.ts'
import { type LogitsDecoder, stepTokens } from '../decoder/decoder.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'
import { topCandidates } from '../decoder/top-candidates.ts'
import { type ScoreChain, scoreChains } from './score-chains.ts'

/** Scores the token after each of several sequences, one graph run a step. */
export class ScoreJob {
  readonly #decoder: LogitsDecoder
  readonly #slots: SequenceSlots
  readonly #candidates: number
  readonly #chains: ScoreChain[]
  readonly #positions: ScoredPosition[] = []
  #slot: SequenceSlot | null = null

  constructor(
    decoder: LogitsDecoder,
    slots: SequenceSlots,
    options: { readonly prefixes: readonly Int32Array[]; readonly candidates: number },
  ) {
    this.#decoder = decoder
    this.#slots = slots
    this.#candidates = options.candidates
    this.#chains = scoreChains(options.prefixes)
  }

  /** One distribution for each sequence, in order, after the last step; null before. */
  async step(): Promise<readonly ScoredPosition[] | null> {
    const chain = this.#chains[0]
    if (!chain) return this.#positions
    const { tokens, ends } = chain
    const limit = (ends[0]?.length ?? 1) - 1
    this.#slot ??= this.#slots.take(tokens, limit)
    const { cache } = this.#slot
    this.#slots.advance(this.#slot, limit)
    const start = cache.length
    const count = stepTokens(start, tokens.length - start)
    const here = ends.filter(({ length }) => length > start && length <= start + count)
    const lengths = [...new Set(here.map(({ length }) => length))]
    const logits = await this.#decoder.run({
      streams: [{ cache, tokens: tokens.subarray(start, start + count) }],
      ...(lengths.length > 0 ? { headRows: lengths.map((length) => length - start - 1) } : {}),
    })
    this.#slots.keep(this.#slot)
    const size = this.#decoder.shape.vocabularySize
    lengths.forEach((length, row) => {
      const position = topCandidates(logits.subarray(row * size, (row + 1) * size), this.#candidates)
      for (const end of here) if (end.length === length) this.#positions[end.query] = position
    })
    if (start + count < tokens.length) return null
    this.release()
    this.#chains.shift()
    return this.#chains.length === 0 ? this.#positions : null
  }

  /** Gives what was computed back for later queries; also after the last step. */
  release(): void {
    if (this.#slot) this.#slots.give(this.#slot)
    this.#slot = null
  }
}
