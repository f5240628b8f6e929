import type { Distribution } from '../../src/steer/distribution.ts'
import type { LocalRow } from '../../src/steer/local-pair.ts'
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
    deltasInto: (ids, into) => {
      for (let i = 0; i < ids.length; i++) into[i] = deltas[ids[i] as number] as number
    },
    maxDeltaOutside: (ids) => {
      const named = new Set(ids)
      return Math.max(Number.NEGATIVE_INFINITY, ...deltas.filter((_, id) => !named.has(id)))
    },
  }
}
