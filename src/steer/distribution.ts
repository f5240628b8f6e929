/**
 * The next token's log-probabilities at the K likeliest tokens (the candidates).
 * `logprobs` are nats (natural log), normalised over the whole vocabulary, at temperature 1, sorted falling;
 * `ids` and `logprobs` have the same length K.
 */
export interface Distribution {
  readonly ids: Int32Array
  readonly logprobs: Float64Array
  /** True when the candidates are the whole vocabulary. */
  readonly complete: boolean
  /** Tokens likelier than the last candidate may be missing: only the missing probability bounds them. */
  readonly hasGaps?: true
}
