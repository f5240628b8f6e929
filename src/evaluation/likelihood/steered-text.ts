import { type ForcedText, type ForcedView, logMassOutside } from './forced-text.ts'

/**
 * A text under the upstream and both local streams, as far as a rule over the K likeliest candidates needs
 * them.
 */
export interface SteeredText {
  /** K, at most as many as were asked for. */
  readonly candidates: number
  readonly positions: readonly SteeredPosition[]
}

/**
 * All values are nats. The last item of `base` and `delta` is the tail: every token outside the K
 * candidates as one.
 */
export interface SteeredPosition {
  /** [K + 1], the upstream's log-probabilities: log R for the tail. */
  readonly base: Float64Array
  /**
   * [K + 1], log p_with - log p_without: log W - log O for the tail. Of a local model with other tokens, as
   * `forceDeltas` has them: 0 for the tail, as for all that such a model does not know.
   */
  readonly delta: Float64Array
  /** Which item of `base` the text's own token is, or is part of. */
  readonly real: number
  /** log p(token | tail) under the upstream for a token of the tail, which no rule changes; else 0. */
  readonly withinTail: number
}

export interface SteeredViews {
  readonly upstream: ForcedText
  /** Left out for an unsteered model. */
  readonly local?:
    | { readonly with: ForcedView; readonly without: ForcedView }
    | { readonly deltas: Float32Array }
}

/** Cuts what was asked with a larger K down to the first `candidates`. */
export function steeredText({ upstream, local }: SteeredViews, candidates: number): SteeredText {
  const asked = upstream.candidates
  const kept = Math.min(candidates, asked)
  const positions = Array.from(upstream.tokens, (token, position): SteeredPosition => {
    const start = position * asked
    const base = withTail(upstream.logprobs.subarray(start, start + kept))
    const delta = new Float64Array(kept + 1)
    if (local !== undefined && 'deltas' in local) delta.set(local.deltas.subarray(start, start + kept))
    else if (local !== undefined) {
      const known = withTail(local.with.logprobs.subarray(start, start + kept))
      const unknown = withTail(local.without.logprobs.subarray(start, start + kept))
      for (let index = 0; index <= kept; index++)
        delta[index] = (known[index] as number) - (unknown[index] as number)
    }
    const found = upstream.ids.subarray(start, start + kept).indexOf(token)
    const isTail = found === -1
    const withinTail = isTail ? (upstream.real[position] as number) - (base[kept] as number) : 0
    // Rounding may leave less outside than the token alone has.
    return { base, delta, real: isTail ? kept : found, withinTail: Math.min(0, withinTail) }
  })
  return { candidates: kept, positions }
}

/** A local model's own view as if it were the upstream, over the upstream's candidates. */
export function asUpstream(forced: ForcedText, view: ForcedView): ForcedText {
  return { ...forced, logprobs: view.logprobs, real: view.real }
}

function withTail(logprobs: Float32Array): Float64Array {
  const all = new Float64Array(logprobs.length + 1)
  all.set(logprobs)
  all[logprobs.length] = logMassOutside(logprobs)
  return all
}
