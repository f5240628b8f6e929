import type { ChannelGrammar, ThinkingTags } from './channel-grammar.ts'
import type { ToolCallSyntax } from './tool-calls/tool-call-syntax.ts'

/** The ways to think that are known, by name. */
const thinkingTags = {
  think: { open: '<think>', close: '</think>', heading: '' },
  mistral: { open: '[THINK]', close: '[/THINK]', heading: '' },
  'seed-oss': { open: '<seed:think>', close: '</seed:think>', heading: '' },
  gemma4: { open: '<|channel>', close: '<channel|>', heading: 'thought' },
} as const satisfies Record<string, ThinkingTags>

const blockOfCalls = { mayBeSpelled: false, bareJson: false, shortIds: false } as const

const functionTags = {
  callOpen: '<function=',
  nameEnd: '>',
  callClose: '</function>',
  keyOpen: '<parameter=',
  keyEnd: '>',
  valueOpen: '',
  valueEnd: '</parameter>',
  valueInLines: true,
} as const

const glmTags = {
  callOpen: '',
  nameEnd: '',
  callClose: '',
  keyOpen: '<arg_key>',
  keyEnd: '</arg_key>',
  valueOpen: '<arg_value>',
  valueEnd: '</arg_value>',
  valueInLines: false,
} as const

const dsmlTags = {
  callOpen: '<｜DSML｜invoke name="',
  nameEnd: '">',
  callClose: '</｜DSML｜invoke>',
  keyOpen: '<｜DSML｜parameter name="',
  keyEnd: '"',
  valueOpen: '>',
  valueEnd: '</｜DSML｜parameter>',
  valueInLines: false,
} as const

const MISTRAL_HEADER =
  /\[TOOL_CALLS\]\s*(?<name>[^[\]{}\s]+)(?:\[CALL_ID\](?<id>[^[\]{}\s]*))?\s*(?:\[ARGS\])?\s*$/
const DEEPSEEK_HEADER =
  /<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?\s*(?<name>[^<{}\s]+)\s*(?:<｜tool▁sep｜>)?\s*(?:```json)?\s*$/
const KIMI_HEADER =
  /<\|tool_call_begin\|>\s*(?<id>(?:functions\.)?(?<name>[^<{}\s:]+)(?::\d+)?)\s*<\|tool_call_argument_begin\|>\s*$/

/** The ways to call tools that are known, by name. */
const toolCallSyntaxes = {
  hermes: {
    ...blockOfCalls,
    open: ['<tool_call>'],
    close: '</tool_call>',
    body: { type: 'json' },
    mayBeSpelled: true,
  },
  // It leaves out <tool_call> at times
  'qwen3-coder': {
    ...blockOfCalls,
    open: ['<tool_call>', functionTags.callOpen],
    close: '</tool_call>',
    body: { type: 'tagged', tags: functionTags },
  },
  'qwen3.5': {
    ...blockOfCalls,
    open: ['<tool_call>'],
    close: '</tool_call>',
    body: { type: 'tagged', tags: functionTags },
  },
  'seed-oss': {
    ...blockOfCalls,
    open: ['<seed:tool_call>'],
    close: '</seed:tool_call>',
    body: { type: 'tagged', tags: { ...functionTags, valueInLines: false } },
  },
  glm: {
    ...blockOfCalls,
    open: ['<tool_call>'],
    close: '</tool_call>',
    body: { type: 'tagged', tags: glmTags },
  },
  llama3: {
    ...blockOfCalls,
    open: ['<|python_tag|>'],
    close: null,
    body: { type: 'json' },
    bareJson: true,
  },
  mistral: {
    ...blockOfCalls,
    open: ['[TOOL_CALLS]'],
    close: null,
    body: { type: 'named', header: MISTRAL_HEADER },
    shortIds: true,
  },
  deepseek: {
    ...blockOfCalls,
    open: ['<｜tool▁calls▁begin｜>'],
    close: '<｜tool▁calls▁end｜>',
    body: { type: 'named', header: DEEPSEEK_HEADER },
  },
  // V3.2 calls the block function_calls, V4 tool_calls
  dsml: {
    ...blockOfCalls,
    open: ['<｜DSML｜function_calls>'],
    close: '</｜DSML｜function_calls>',
    body: { type: 'tagged', tags: dsmlTags },
  },
  'dsml-v4': {
    ...blockOfCalls,
    open: ['<｜DSML｜tool_calls>'],
    close: '</｜DSML｜tool_calls>',
    body: { type: 'tagged', tags: dsmlTags },
  },
  nemotron: { ...blockOfCalls, open: ['<TOOLCALL>'], close: '</TOOLCALL>', body: { type: 'json' } },
  kimi: {
    ...blockOfCalls,
    open: ['<|tool_calls_section_begin|>', '<|tool_call_begin|>'],
    close: '<|tool_calls_section_end|>',
    body: { type: 'named', header: KIMI_HEADER },
  },
  gemma4: { ...blockOfCalls, open: ['<|tool_call>'], close: '<tool_call|>', body: { type: 'gemma' } },
} as const satisfies Record<string, ToolCallSyntax>

export type ThinkingName = keyof typeof thinkingTags | 'none'
export type ToolCallName = keyof typeof toolCallSyntaxes | 'none' | 'unknown'

/** Model families by the names that a configuration may give: what they think and call tools in. */
const families: Readonly<Record<string, readonly [ThinkingName, ToolCallName]>> = {
  plain: ['none', 'none'],
  'qwen2.5': ['none', 'hermes'],
  qwen3: ['think', 'hermes'],
  'qwen3-coder': ['think', 'qwen3-coder'],
  'qwen3.5': ['think', 'qwen3.5'],
  smollm3: ['think', 'hermes'],
  'deepseek-r1': ['think', 'deepseek'],
  'deepseek-v3.1': ['think', 'deepseek'],
  'deepseek-v3.2': ['think', 'dsml'],
  'deepseek-v4': ['think', 'dsml-v4'],
  glm: ['think', 'glm'],
  nemotron: ['think', 'nemotron'],
  nemotron3: ['think', 'qwen3.5'],
  'kimi-k2': ['think', 'kimi'],
  mistral: ['mistral', 'mistral'],
  gemma4: ['gemma4', 'gemma4'],
  'seed-oss': ['seed-oss', 'seed-oss'],
  llama3: ['none', 'llama3'],
}

const harmony = { type: 'harmony', name: 'harmony' } as const

/** The grammar made of a way to think and a way to call tools. */
export function tagGrammar(thinking: ThinkingName, tools: ToolCallName): ChannelGrammar {
  return {
    type: 'tags',
    name: `${thinking}+${tools}`,
    thinking: thinking === 'none' ? null : thinkingTags[thinking],
    tools: tools === 'none' || tools === 'unknown' ? tools : toolCallSyntaxes[tools],
  }
}

/** The names that `channelGrammar` knows, beside those written `thinking+tools`. */
export const channelGrammarNames: readonly string[] = [...Object.keys(families), 'gpt-oss']

/**
 * The grammar of a family (`qwen3`), or one made up as `thinking+tools` (`think+hermes`); null for an unknown
 * name.
 */
export function channelGrammar(name: string): ChannelGrammar | null {
  if (name === 'gpt-oss' || name === harmony.name) return harmony
  const family = Object.hasOwn(families, name) ? families[name] : undefined
  const [thinking = '', tools = ''] = family ?? name.split('+')
  return isThinking(thinking) && isToolCalls(tools) ? tagGrammar(thinking, tools) : null
}

function isThinking(name: string): name is ThinkingName {
  return name === 'none' || Object.hasOwn(thinkingTags, name)
}

function isToolCalls(name: string): name is ToolCallName {
  return name === 'none' || name === 'unknown' || Object.hasOwn(toolCallSyntaxes, name)
}
