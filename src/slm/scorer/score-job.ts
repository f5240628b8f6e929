import type { RecentLogits } from '../cache/recent-logits.ts'
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
  readonly #recent: RecentLogits
  /** What is still to be told. */
  #chains: ScoreChain[]
  readonly #positions: ScoredPosition[] = []
  #slot: SequenceSlot | null = null
  #begun = false

  constructor(
    decoder: LogitsDecoder,
    slots: SequenceSlots,
    options: {
      readonly prefixes: readonly Int32Array[]
      readonly candidates: number | readonly Int32Array[]
      /** What a pair over the same weights has computed. */
      readonly recent: RecentLogits
    },
  ) {
    this.#decoder = decoder
    this.#slots = slots
    this.#candidates = options.candidates
    this.#recent = options.recent
    this.#chains = scoreChains(options.prefixes)
  }

  /** Whether the next step reads a prompt, rather than the few tokens that an answer has gained. */
  get isReading(): boolean {
    const { tokens, ends } = this.#chains[0] ?? { tokens: new Int32Array(0), ends: [] }
    const known = this.#slot?.cache.length ?? this.#slots.known(tokens, (ends[0]?.length ?? 1) - 1)
    return isPrompt(tokens.length - Math.max(known, this.#begun ? 0 : this.#recent.known(tokens)))
  }

  /**
   * Computes at most `atMost` tokens. One distribution for each sequence, in order, after the last step; null
   * before.
   */
  async step(atMost: number): Promise<readonly ScoredPosition[] | null> {
    if (!this.#begun) this.#chains = this.#chains.flatMap((chain) => this.#notRecent(chain) ?? [])
    this.#begun = true
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

  /** Tells what is known already; the rest of the chain, null if none is left. */
  #notRecent({ tokens, ends }: ScoreChain): ScoreChain | null {
    const left = ends.filter(({ length, query }) => {
      const logits = this.#recent.find(tokens.subarray(0, length))
      if (logits !== null) this.#tell([query], logits)
      return logits === null
    })
    const longest = left.at(-1)
    return longest === undefined ? null : { tokens: tokens.subarray(0, longest.length), ends: left }
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
