import type { DecoderStep } from '../decoder/decoder.ts'
import { WINDOW_TOKENS } from '../graph/attention-nodes.ts'

/** How long running answers may wait for one chunk of a prompt. */
const CHUNK_MS = 40
/** Fewer rows cost hardly less: the weights are read all the same. */
const FEWEST_ROWS = 16
/** What the latest chunk counts for. */
const NEWEST_SHARE = 0.5

/** How many rows of prompts one chunk takes, by how long those before took. */
export class PrefillPace {
  #rows = WINDOW_TOKENS
  readonly #mostRows: number

  /** `streams`: how many prompts are read side by side, each to the end of a window at most. */
  constructor(streams: number) {
    this.#mostRows = streams * WINDOW_TOKENS
  }

  /** Rows of the next chunk, of all streams together. While no answer runs nobody waits for it. */
  rows(answersRun: boolean): number {
    return answersRun ? this.#rows : this.#mostRows
  }

  /** What a chunk took; the smallest tell too little. */
  note(rows: number, tookMs: number): void {
    if (rows < FEWEST_ROWS) return
    const fitting = (rows * CHUNK_MS) / Math.max(tookMs, 1)
    const next = this.#rows + NEWEST_SHARE * (fitting - this.#rows)
    this.#rows = Math.round(Math.min(this.#mostRows, Math.max(FEWEST_ROWS, next)))
  }
}

/** The decoder, whose passes are noted. */
export function timed<Decoder extends { run(step: DecoderStep): Promise<unknown> }>(
  decoder: Decoder,
  pace: PrefillPace,
): Decoder {
  return {
    ...decoder,
    async run(step: DecoderStep) {
      const begunMs = performance.now()
      const result = await decoder.run(step)
      const rows = step.streams.reduce((sum, { tokens }) => sum + tokens.length, 0)
      pace.note(rows, performance.now() - begunMs)
      return result
    },
  }
}
