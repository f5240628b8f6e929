/** Arguments between tags of their own. A tag that a family does not write is empty. */
export interface CallTags {
  /** In front of a call's name; empty where a block is one call and begins with the name. */
  readonly callOpen: string
  /** Behind the name; empty where it ends at the first key. */
  readonly nameEnd: string
  readonly callClose: string
  readonly keyOpen: string
  readonly keyEnd: string
  /** In front of the value. What stands between `keyEnd` and it are attributes. */
  readonly valueOpen: string
  readonly valueEnd: string
  /** Values stand in lines of their own: one line break at each end is not theirs. */
  readonly valueInLines: boolean
}

/**
 * How calls are written in their block. `json`: objects with a name and arguments, or a list of them.
 * `named`: the name in a header, which must match whole up to the arguments' JSON, with the groups `name` and
 * perhaps `id`. `gemma`: Gemma 4.
 */
export type CallBody =
  | { readonly type: 'json' }
  | { readonly type: 'named'; readonly header: RegExp }
  | { readonly type: 'tagged'; readonly tags: CallTags }
  | { readonly type: 'gemma' }

/** A block of one or several calls. */
export interface ToolCallSyntax {
  readonly open: readonly string[]
  /** Null where only the answer's end closes the block. */
  readonly close: string | null
  readonly body: CallBody
  /**
   * Markers count when they are spelled although they are one token: some models of the family, such as
   * Qwen2.5-Coder, never learnt the token. Both vLLM and llama.cpp read them as text.
   */
  readonly mayBeSpelled: boolean
  /** An answer that begins with a JSON object that has a name is a call too, without any marker. */
  readonly bareJson: boolean
  /** The template takes no ids but those of nine letters and digits. */
  readonly shortIds: boolean
}
