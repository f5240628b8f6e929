/**
 * How a model family writes thoughts and tool calls into an answer. Data alone: what it means for tokens is
 * the business of the channels opened with it, what a client sees of it that of the reader.
 */

/** What a part of an answer is to its reader. Only `answer` is steered. */
export type Channel = 'reasoning' | 'answer' | 'tool_call'

/** Thoughts between two tags. */
export interface ThinkingTags {
  readonly open: string
  readonly close: string
  /**
   * What the model writes first in the block without it being a thought, such as Gemma's `thought`; mostly
   * empty.
   */
  readonly heading: string
}

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

export interface TagGrammar {
  readonly type: 'tags'
  /** `thinking+tools`, as a configuration may name it. */
  readonly name: string
  readonly thinking: ThinkingTags | null
  /** `none`: the template offers the model no tools. `unknown`: it does, in a way that is not known here. */
  readonly tools: ToolCallSyntax | 'none' | 'unknown'
}

/** gpt-oss: messages with headers that name channel and recipient. */
interface HarmonyGrammar {
  readonly type: 'harmony'
  readonly name: 'harmony'
}

export type ChannelGrammar = TagGrammar | HarmonyGrammar
