import { isGreedy } from '../../steer/sampling/sampling.ts'
import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { SequenceSlot, SequenceSlots } from '../cache/sequence-slots.ts'
import { isPrompt, type LogitsDecoder, stepTokens } from '../decoder/decoder.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'
import { topCandidates } from '../decoder/top-candidates.ts'
import { pickToken, seededRandom } from './pick-token.ts'

export interface StreamSettings {
  readonly prefix: Int32Array
  readonly candidates: number
  readonly maxTokens: number
  readonly endTokens: Int32Array
  readonly sampling: UpstreamSampling
}

/** Samples from more tokens than are reported, so that K does not change what a stream says. */
const SAMPLED_CANDIDATES = 1000

/** A free-running continuation, one graph run a step. */
export class StreamJob {
  readonly #decoder: LogitsDecoder
  readonly #slots: SequenceSlots
  readonly #settings: StreamSettings
  readonly #slot: SequenceSlot
  readonly #random: () => number
  #emitted = 0
  #ended = false

  constructor(decoder: LogitsDecoder, slots: SequenceSlots, settings: StreamSettings) {
    this.#decoder = decoder
    this.#slots = slots
    this.#settings = settings
    const { prefix, maxTokens } = settings
    const tokens = new Int32Array(prefix.length + maxTokens)
    tokens.set(prefix)
    this.#slot = slots.take(tokens, prefix.length - 1)
    this.#random = seededRandom(settings.sampling.seed)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether the next step reads the prefix, rather than the token before. */
  get isReading(): boolean {
    return isPrompt(this.#settings.prefix.length + this.#emitted - this.#slot.cache.length)
  }

  /** Computes at most `atMost` tokens. The next token; null while the prefix is being computed. */
  async step(atMost: number): Promise<{ token: number; position: ScoredPosition } | null> {
    const { cache, tokens } = this.#slot
    const { prefix, candidates, sampling, endTokens, maxTokens } = this.#settings
    const known = prefix.length + this.#emitted
    this.#slots.advance(this.#slot, known - 1)
    const count = Math.min(atMost, stepTokens(cache.length, known - cache.length))
    const logits = await this.#decoder.run({
      streams: [{ cache, tokens: tokens.subarray(cache.length, cache.length + count) }],
    })
    this.#slots.keep(this.#slot)
    if (cache.length < known) return null
    const size = this.#decoder.shape.vocabularySize
    const wanted = isGreedy(sampling) ? candidates : Math.max(candidates, SAMPLED_CANDIDATES)
    const scored = topCandidates(logits, Math.min(size, wanted))
    const token = pickToken(scored, sampling, this.#random)
    tokens[known] = token
    this.#emitted++
    this.#ended = this.#emitted === maxTokens || endTokens.includes(token)
    return {
      token,
      position: { ids: scored.ids.slice(0, candidates), logprobs: scored.logprobs.slice(0, candidates) },
    }
  }

  release(): void {
    this.#slots.give(this.#slot)
  }
}
