// This room owns the signs by which a model's way to think and to call tools is known: its chat template and
// its tokens. What the grammars mean is the business of steer/channels.

import type { TokenSide } from '../../steer/alignment/vocabulary-alignment.ts'
import {
  channelGrammar,
  type ThinkingName,
  type ToolCallName,
  tagGrammar,
} from '../../steer/channels/channel-families.ts'
import type { ChannelGrammar } from '../../steer/channels/channel-grammar.ts'
import { MarkerTokens } from '../../steer/channels/marker-tokens.ts'

export interface ModelSigns {
  /** Jinja source. */
  readonly template: string
  readonly tokens: TokenSide
}

/**
 * `unknown-thinking`: the model thinks, but nobody knows how that ends. An unknown way to call tools is a
 * part of the grammar, since it does no harm where no tools are offered.
 */
export type RecognisedChannels =
  | { readonly ok: true; readonly grammar: ChannelGrammar }
  | { readonly ok: false; readonly reason: 'unknown-thinking' }

interface Sign<Name> {
  readonly name: Name
  readonly all: readonly (string | RegExp)[]
}

/** The first that the template has all signs of counts. */
const toolSigns: readonly Sign<ToolCallName>[] = [
  { name: 'gemma4', all: ['<|tool_call>call:'] },
  { name: 'dsml', all: ['DSML', 'function_calls'] },
  { name: 'dsml-v4', all: ['DSML', 'tool_calls'] },
  { name: 'deepseek', all: ['<｜tool▁calls▁begin｜>'] },
  { name: 'mistral', all: ['[TOOL_CALLS]'] },
  { name: 'seed-oss', all: ['<seed:tool_call>'] },
  { name: 'kimi', all: ['<|tool_calls_section_begin|>', '<|tool_call_argument_begin|>'] },
  { name: 'nemotron', all: ['<TOOLCALL>'] },
  { name: 'unknown', all: ['<tool_call>', /<invoke\b/] },
  { name: 'glm', all: ['<tool_call>', '<arg_key>', '<arg_value>'] },
  { name: 'qwen3.5', all: ['<tool_call>', '<function=', '<parameter=', '</think>'] },
  { name: 'qwen3-coder', all: ['<tool_call>', '<function=', '<parameter='] },
  { name: 'hermes', all: ['<tool_call>', /\bname\\?["']\s*:/, /\barguments\\?["']\s*:/] },
  { name: 'llama3', all: ['<|start_header_id|>', '{"name": ', '"parameters": ', 'ipython'] },
  { name: 'unknown', all: [/\btools\b|\bfunctions\b|\btool_calls\b/] },
]

const thinkingSigns: readonly Sign<ThinkingName>[] = [
  { name: 'seed-oss', all: ['<seed:think>'] },
  { name: 'gemma4', all: ['<|channel>'] },
  { name: 'mistral', all: ['[THINK]'] },
]

/** Answers that stand in a wrapper of their own behind the thoughts. */
const WRAPPED_ANSWER = /<response><\/response>|<\|START_RESPONSE\|>|<\|START_TEXT\|>|\[BEGIN FINAL RESPONSE\]/
const THINK_TAG = /<\/?think>/
const MENTIONS_THINKING = /\breasoning_content\b|\benable_thinking\b|\bthinking\b|\breasoning_effort\b/

function named<Name>(signs: readonly Sign<Name>[], template: string): Name | undefined {
  const has = (sign: string | RegExp) =>
    typeof sign === 'string' ? template.includes(sign) : sign.test(template)
  return signs.find(({ all }) => all.every(has))?.name
}

/** What a model thinks in; null where it thinks in a way that is not known. */
function thinkingOf({ template, tokens }: ModelSigns): ThinkingName | null {
  if (WRAPPED_ANSWER.test(template)) return null
  const known = named(thinkingSigns, template)
  if (known !== undefined) return known
  // Models of a family share a vocabulary, those that think and those that do not
  if (THINK_TAG.test(template) || hasThinkTokens(tokens)) return 'think'
  return MENTIONS_THINKING.test(template) ? null : 'none'
}

function hasThinkTokens(tokens: TokenSide): boolean {
  return new MarkerTokens(tokens).find(['<think>', '</think>']).size === 2
}

/** Which grammar a model's answers have, by its signs; or why none is known. */
export function recogniseChannels(signs: ModelSigns): RecognisedChannels {
  const { template } = signs
  if (template.includes('<|channel|>') && template.includes('<|message|>')) {
    // A dialect with white space behind its markers
    if (template.includes('llm-jp-harmony')) return { ok: false, reason: 'unknown-thinking' }
    return { ok: true, grammar: channelGrammar('gpt-oss') as ChannelGrammar }
  }
  const thinking = thinkingOf(signs)
  if (thinking === null) return { ok: false, reason: 'unknown-thinking' }
  return { ok: true, grammar: tagGrammar(thinking, named(toolSigns, template) ?? 'none') }
}
