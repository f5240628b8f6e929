// How a model family writes thoughts and tool calls into an answer. Data alone: what it means for tokens is
// the business of the channels opened with it, what a client sees of it that of the reader.

import type { ToolCallSyntax } from './tool-calls/tool-call-syntax.ts'

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

/** Whether a model may think before it answers. */
export function thinks(grammar: ChannelGrammar): boolean {
  return grammar.type === 'harmony' || grammar.thinking !== null
}
