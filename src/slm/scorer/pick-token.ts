import type { UpstreamSampling } from '../../steer/upstream.ts'
import type { ScoredPosition } from '../engine/worker-protocol.ts'

/**
 * The token that a free-running stream emits. Sampling draws from the candidates at hand, so that a small K cuts like
 * top-k; `random` gives numbers in [0, 1).
 */
export function pickToken(
  { ids, logprobs }: ScoredPosition,
  { temperature, topP, topK }: UpstreamSampling,
  random: () => number,
): number {
  const first = ids[0] ?? 0
  if (temperature === 0) return first
  const count = topK > 0 ? Math.min(topK, ids.length) : ids.length
  const top = logprobs[0] ?? 0
  const weights = Float64Array.from(logprobs.subarray(0, count), (logprob) =>
    Math.exp((logprob - top) / temperature),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let nucleus = 0
  let size = 0
  while (size < count && nucleus < topP * total) nucleus += weights[size++] ?? 0
  let rest = random() * nucleus
  for (let index = 0; index < size; index++) {
    rest -= weights[index] ?? 0
    if (rest < 0) return ids[index] ?? first
  }
  return ids[Math.max(0, size - 1)] ?? first
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
