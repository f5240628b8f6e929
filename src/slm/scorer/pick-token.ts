import { isGreedy } from '../../steer/sampling/sampling.ts'
import { topKTopPMinP } from '../../steer/sampling/top-k-top-p-min-p.ts'
import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { ScoredPosition } from '../decoder/top-candidates.ts'

/**
 * The token that a free-running stream emits. Sampling draws from the candidates at hand,
 * so that a small K cuts like top-k; `random` gives numbers in [0, 1).
 */
export function pickToken(
  { ids, logprobs }: ScoredPosition,
  sampling: UpstreamSampling,
  random: () => number,
): number {
  const first = ids[0] ?? 0
  if (isGreedy(sampling)) return first
  const kept = topKTopPMinP(logprobs, sampling)
  const top = logprobs[0] ?? 0
  const weight = (rank: number) => Math.exp(((logprobs[rank] ?? 0) - top) / sampling.temperature)
  let mass = 0
  for (let rank = 0; rank < kept; rank++) mass += weight(rank)
  let rest = random() * mass
  for (let rank = 0; rank < kept; rank++) {
    rest -= weight(rank)
    if (rest < 0) return ids[rank] ?? first
  }
  return ids[kept - 1] ?? first
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
