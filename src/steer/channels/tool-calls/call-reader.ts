// This room owns what a tool call is made of: it reads the calls in a block as their text
// arrives. It must not know tokens, channels, or what else an answer says.

/**
 * A call, piece by piece. The arguments together are one JSON text, which may be cut off where the call is.
 */
export type CallPart =
  /** `id` is the model's own, where it writes one. */
  | { readonly type: 'call-start'; readonly name: string; readonly id: string | null }
  | { readonly type: 'call-arguments'; readonly text: string }
  | { readonly type: 'call-end' }

export interface CallReader {
  /** Takes more of the block's text. */
  push(text: string): readonly CallPart[]
  /** The block has ended. */
  end(): readonly CallPart[]
  /** The block holds no call: known at its end, or as soon as one can no longer come. */
  readonly failed: boolean
}
