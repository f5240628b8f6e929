import type { LocalPair, LocalPrompts, LocalRow } from '../../steer/local-pair.ts'
import type { ForcedText, Forcing } from './forced-text.ts'

/** Positions of a text that the pair reads at once. */
const POSITIONS_AT_ONCE = 8

export interface ForcingDeltas extends Pick<LocalPrompts, 'with' | 'without'>, Omit<Forcing, 'prompt'> {
  /** Whose candidates the deltas are wanted of. */
  readonly forced: ForcedText
  /** c at which a delta counts as none. */
  readonly strength: number
}

/**
 * [P * K], what the profile changes at the upstream's candidates, as an answer would be steered: nats, 0 for
 * a token that steering at `strength` leaves as likely as it was. Takes pairs of any vocabulary. Rejects as
 * `LocalPair.open`.
 */
export async function forceDeltas(
  pair: Pick<LocalPair, 'open'>,
  { text, forced, strength, signal, ...prompts }: ForcingDeltas,
): Promise<Float32Array> {
  const { candidates } = forced
  const deltas = new Float32Array(text.length * candidates)
  const found = new Float64Array(candidates)
  const read = (row: LocalRow, position: number) => {
    row.deltasInto(forced.ids.subarray(position * candidates, (position + 1) * candidates), found)
    const start = position * candidates
    for (let index = 0; index < candidates; index++)
      deltas[start + index] = (found[index] as number) - row.neutralDelta
  }
  const continuation = await pair.open({ ...prompts, strength, signal })
  try {
    let row = continuation.root
    read(row, 0)
    // Behind the last token there is nothing to foresee
    for (let position = 1; position < text.length; ) {
      signal.throwIfAborted()
      const tokens = text.slice(position - 1, Math.min(position - 1 + POSITIONS_AT_ONCE, text.length - 1))
      for (const next of await continuation.feed(row, tokens)) {
        read(next, position++)
        row = next
      }
      continuation.retain(row)
    }
  } finally {
    continuation.close()
  }
  return deltas
}
