import type { DecodeReport } from './answer.ts'

/** So long after an answer that was better off without guesses, others begin without them. */
const REMEMBERED_MS = 60_000

/** Whether guesses slowed down the last answers of one upstream, so that not every answer has to find out anew. */
export class RestraintMemory {
  readonly #now: () => number
  #untilMs = Number.NEGATIVE_INFINITY

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  get restrained(): boolean {
    return this.#now() < this.#untilMs
  }

  note({ steeredTokens, restrainedTokens }: Pick<DecodeReport, 'steeredTokens' | 'restrainedTokens'>): void {
    if (steeredTokens === 0) return
    const mostly = restrainedTokens > steeredTokens / 2
    this.#untilMs = mostly ? this.#now() + REMEMBERED_MS : Number.NEGATIVE_INFINITY
  }
}
