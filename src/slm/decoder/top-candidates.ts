import { logSumExp } from '../../steer/log-sum-exp.ts'

/** The likeliest tokens of a position with their log-probabilities (nats), sorted falling. */
export interface ScoredPosition {
  readonly ids: Int32Array
  readonly logprobs: Float64Array
}

/**
 * The `count` likeliest tokens with their natural log-probabilities, computed in float64 over all logits and
 * sorted falling; equal ones by rising id.
 */
export function topCandidates(logits: Float32Array, count: number): ScoredPosition {
  const best = count < logits.length ? largest(logits, count) : Int32Array.from(logits.keys())
  const ids = best.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b)
  return logprobsOf(logits, ids)
}

/** The same of the tokens `ids`, in their order. */
export function logprobsOf(logits: Float32Array, ids: Int32Array): ScoredPosition {
  const normaliser = logSumExp(logits)
  return { ids, logprobs: Float64Array.from(ids, (id) => (logits[id] ?? 0) - normaliser) }
}

/** Ids of the `count` largest values, in no order: a heap whose root is the smallest of those kept so far. */
function largest(values: Float32Array, count: number): Int32Array {
  const heap = Int32Array.from({ length: count }, (_, id) => id)
  // Beside their ids, since looking them up takes longer than comparing them
  const kept = values.slice(0, count)
  const isWorse = (a: number, b: number) => {
    const left = kept[a] as number
    const right = kept[b] as number
    return left < right || (left === right && (heap[a] as number) > (heap[b] as number))
  }
  const swap = (a: number, b: number): void => {
    const id = heap[a] as number
    const value = kept[a] as number
    heap[a] = heap[b] as number
    kept[a] = kept[b] as number
    heap[b] = id
    kept[b] = value
  }
  const sink = (start: number): void => {
    let at = start
    for (let child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && isWorse(child + 1, child)) child++
      if (!isWorse(child, at)) break
      swap(child, at)
      at = child
    }
  }
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(at)
  let least = kept[0] as number
  for (let id = count; id < values.length; id++) {
    const value = values[id] as number
    if (!(value > least)) continue
    heap[0] = id
    kept[0] = value
    sink(0)
    least = kept[0] as number
  }
  return heap
}
