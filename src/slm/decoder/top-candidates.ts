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
  const worse = (a: number, b: number) => {
    const left = values[a] as number
    const right = values[b] as number
    return left < right || (left === right && a > b)
  }
  const sink = (start: number): void => {
    const id = heap[start] as number
    let at = start
    for (let child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && worse(heap[child + 1] as number, heap[child] as number)) child++
      if (!worse(heap[child] as number, id)) break
      heap[at] = heap[child] as number
      at = child
    }
    heap[at] = id
  }
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(at)
  for (let id = count; id < values.length; id++)
    if ((values[id] as number) > (values[heap[0] as number] as number)) {
      heap[0] = id
      sink(0)
    }
  return heap
}
