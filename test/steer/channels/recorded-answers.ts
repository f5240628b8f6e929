import type { ToldAnswer } from './told-answer.ts'

const weather = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
}
const note = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    pinned: { type: 'boolean' },
    ref: { anyOf: [{ type: 'string' }, { type: 'number' }] },
  },
}

/** The tools offered in all recorded answers. */
export const offeredTools: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['get_weather', weather],
  ['save_note', note],
  ['now', { type: 'object', properties: {} }],
])

export interface RecordedAnswer extends ToldAnswer {
  readonly name: string
  /** A family's name, or `thinking+tools`. */
  readonly grammar: string
  /** The end of the prompt that the family's template writes. */
  readonly prompt: string
  /** What is one token in the family's vocabulary. */
  readonly controls: readonly string[]
  /** What the model writes, its end token aside. */
  readonly text: string
  /** Spelled out, its markers would not all be markers. */
  readonly needsTokens?: true
}

const think = ['<think>', '</think>']
const call = ['<tool_call>', '</tool_call>']
const CHATML = '<|im_start|>assistant\n'

const nothing = { reasoning: '', answer: '', calls: [] }

function calls(...all: readonly (readonly [string, string])[]) {
  return all.map(([name, args], index) => ({ id: `call_${index}`, name, arguments: args }))
}

/** Answers as the families write them, each with what a client has of it in the end. */
export const recordedAnswers: readonly RecordedAnswer[] = [
  {
    ...nothing,
    name: 'a model that opens its thoughts itself',
    grammar: 'qwen3',
    prompt: CHATML,
    controls: [...think, ...call],
    text: '<think>\nThe user greets me.\nSo do I – 😀.\n</think>\n\nGrüezi!\n\nHow are you?',
    reasoning: 'The user greets me.\nSo do I – 😀.',
    answer: 'Grüezi!\n\nHow are you?',
  },
  {
    ...nothing,
    name: 'thoughts that the prompt has opened',
    grammar: 'qwen3.5',
    prompt: `${CHATML}<think>\n`,
    controls: [...think, ...call],
    text: 'Short is <best>.\n</think>\n\nYes.',
    reasoning: 'Short is <best>.',
    answer: 'Yes.',
  },
  {
    ...nothing,
    name: 'an empty block in the prompt',
    grammar: 'qwen3',
    prompt: `${CHATML}<think>\n\n</think>\n\n`,
    controls: [...think, ...call],
    text: 'a < b, and <b>bold</b>',
    answer: 'a < b, and <b>bold</b>',
  },
  {
    ...nothing,
    name: 'an empty block of its own',
    grammar: 'smollm3',
    prompt: CHATML,
    controls: think,
    text: '<think>\n\n</think>\nFine.\n',
    answer: 'Fine.\n',
  },
  {
    ...nothing,
    name: 'thoughts that were cut off',
    grammar: 'deepseek-r1',
    prompt: '<｜Assistant｜><think>\n',
    controls: ['<｜Assistant｜>', ...think],
    text: 'Let me see, ',
    reasoning: 'Let me see,',
  },
  {
    ...nothing,
    name: 'calls in JSON behind thoughts and prose',
    grammar: 'qwen3',
    prompt: CHATML,
    controls: [...think, ...call],
    text:
      '<think>\nTwo calls.\n</think>\n\nI look.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}\n</tool_call>\n' +
      '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
    reasoning: 'Two calls.',
    answer: 'I look.\n',
    calls: calls(['get_weather', '{"city": "Zürich", "days": 2}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'calls in JSON that spell their markers',
    grammar: 'qwen2.5',
    prompt: CHATML,
    controls: [],
    text: '<tool_call>\n{"arguments": {"city": "a\\"}</b>"}, "name": "get_weather"}\n</tool_call>',
    calls: calls(['get_weather', '{"city": "a\\"}</b>"}']),
  },
  {
    ...nothing,
    name: 'arguments that are a string of JSON, and none at all',
    grammar: 'qwen2.5',
    prompt: CHATML,
    controls: call,
    text: '<tool_call>{"name":"get_weather","arguments":"{\\"city\\":\\"Bern\\"}"}</tool_call><tool_call>{"name":"now"}</tool_call>',
    calls: calls(['get_weather', '{"city":"Bern"}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'a call that is no JSON',
    grammar: 'qwen3',
    prompt: CHATML,
    controls: [...think, ...call],
    text: 'Look:\n<tool_call>\nget_weather(city)\n</tool_call>\nDone.',
    answer: 'Look:\n<tool_call>\nget_weather(city)\n</tool_call>\nDone.',
  },
  {
    ...nothing,
    name: 'a call in JSON that was cut off in its arguments',
    grammar: 'qwen3',
    prompt: CHATML,
    controls: [...think, ...call],
    text: '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Ge',
    calls: calls(['get_weather', '{"city": "Ge']),
  },
  {
    ...nothing,
    name: 'a call that ends thoughts',
    needsTokens: true,
    grammar: 'qwen3.5',
    prompt: `${CHATML}<think>\n`,
    controls: [...think, ...call],
    text: 'I look.\n<tool_call>\n<function=now>\n</function>\n</tool_call>',
    reasoning: 'I look.',
    calls: calls(['now', '{}']),
  },
  {
    ...nothing,
    name: 'calls in tags',
    grammar: 'qwen3-coder',
    prompt: CHATML,
    controls: [...think, ...call],
    text:
      '<tool_call>\n<function=save_note>\n<parameter=text>\n  if (a < b) {\n\tsay("hé\\n")\n  }\n\n</parameter>\n<parameter=tags>\n["x", "y"]\n</parameter>\n' +
      '<parameter=pinned>\nTrue\n</parameter>\n<parameter=ref>\n12\n</parameter>\n</function>\n</tool_call>\n' +
      '<tool_call>\n<function=get_weather>\n<parameter=city>\n\n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=zip>\n8000\n</parameter>\n</function>\n</tool_call>',
    calls: calls(
      [
        'save_note',
        '{"text":"  if (a < b) {\\n\\tsay(\\"hé\\\\n\\")\\n  }\\n","tags":["x", "y"],"pinned":true,"ref":12}',
      ],
      ['get_weather', '{"city":"","days":3,"zip":"8000"}'],
    ),
  },
  {
    ...nothing,
    name: 'a call in tags without the marker in front',
    grammar: 'qwen3-coder',
    prompt: CHATML,
    controls: [...think, ...call],
    text: 'a <b> first.\n<function=get_weather>\n<parameter=city>\nBern\n</parameter>\n</function>\n</tool_call>',
    answer: 'a <b> first.\n',
    calls: calls(['get_weather', '{"city":"Bern"}']),
  },
  {
    ...nothing,
    name: 'a call in tags of another colour',
    grammar: 'seed-oss',
    prompt: '<seed:bos>assistant\n',
    controls: ['<seed:bos>', '<seed:think>', '</seed:think>', '<seed:tool_call>', '</seed:tool_call>'],
    text: '<seed:think>\nA call.</seed:think>\n<seed:tool_call>\n<function=get_weather>\n<parameter=city>Bern\n</parameter>\n</function>\n</seed:tool_call>',
    reasoning: 'A call.',
    calls: calls(['get_weather', '{"city":"Bern\\n"}']),
  },
  {
    ...nothing,
    name: 'a bare closing tag in the prompt, and keys and values in tags',
    grammar: 'glm',
    prompt: '<|assistant|></think>',
    controls: ['<|assistant|>', ...think, ...call],
    text:
      'Now.<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>says </think> & <tool_call></arg_value>\n<arg_key>days</arg_key><arg_value>1</arg_value>\n</tool_call>' +
      '<tool_call>now</tool_call>',
    answer: 'Now.',
    calls: calls(['get_weather', '{"city":"says </think> & <tool_call>","days":1}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'JSON that calls without a marker',
    grammar: 'llama3',
    prompt: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    controls: ['<|start_header_id|>', '<|end_header_id|>', '<|python_tag|>'],
    text: '{"type": "function", "function": {"name": "get_weather", "parameters": {"city": "Bern"}}}',
    calls: calls(['get_weather', '{"city": "Bern"}']),
  },
  {
    ...nothing,
    name: 'JSON that calls behind a tag',
    grammar: 'llama3',
    prompt: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    controls: ['<|start_header_id|>', '<|end_header_id|>', '<|python_tag|>'],
    text: '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Bern"}}',
    calls: calls(['get_weather', '{"city": "Bern"}']),
  },
  {
    ...nothing,
    name: 'JSON that was asked for',
    grammar: 'llama3',
    prompt: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    controls: ['<|start_header_id|>', '<|end_header_id|>', '<|python_tag|>'],
    text: '{ "name": "Anna", "age": 7 }\n',
    answer: '{ "name": "Anna", "age": 7 }\n',
  },
  {
    ...nothing,
    name: 'other JSON',
    grammar: 'llama3',
    prompt: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    controls: ['<|start_header_id|>', '<|end_header_id|>', '<|python_tag|>'],
    text: '\n{"nam": 1}',
    answer: '\n{"nam": 1}',
  },
  {
    ...nothing,
    name: 'a list of calls',
    grammar: 'none+mistral',
    prompt: '[INST]hi[/INST]',
    controls: ['[INST]', '[/INST]', '[TOOL_CALLS]'],
    text: '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "[x]"}, "id": "abcdefghi"}, {"id": "123456789", "name": "now", "arguments": {}}]',
    calls: [
      { id: 'short0000', name: 'get_weather', arguments: '{"city": "[x]"}' },
      { id: '123456789', name: 'now', arguments: '{}' },
    ],
  },
  {
    ...nothing,
    name: 'calls with names in front',
    grammar: 'mistral',
    prompt: '[/INST]',
    controls: ['[/INST]', '[THINK]', '[/THINK]', '[TOOL_CALLS]', '[CALL_ID]', '[ARGS]'],
    text: '[THINK]Two.[/THINK]Sure.[TOOL_CALLS]get_weather[ARGS]{"city": "}{"}[TOOL_CALLS]now[CALL_ID]a1b2c3d4e[ARGS]{} ',
    reasoning: 'Two.',
    answer: 'Sure.',
    calls: [
      { id: 'short0000', name: 'get_weather', arguments: '{"city": "}{"}' },
      { id: 'a1b2c3d4e', name: 'now', arguments: '{}' },
    ],
  },
  {
    ...nothing,
    name: 'a section of calls with fences',
    grammar: 'deepseek-r1',
    prompt: '<｜Assistant｜><think>\n',
    controls: [
      '<｜Assistant｜>',
      ...think,
      '<｜tool▁calls▁begin｜>',
      '<｜tool▁calls▁end｜>',
      '<｜tool▁call▁begin｜>',
      '<｜tool▁call▁end｜>',
      '<｜tool▁sep｜>',
    ],
    text:
      'So.\n</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Chur"}\n```<｜tool▁call▁end｜>\n' +
      '<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    reasoning: 'So.',
    calls: calls(['get_weather', '{"city": "Chur"}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'a section of calls',
    grammar: 'deepseek-v3.1',
    prompt: '<｜Assistant｜><think></think>',
    controls: [
      '<｜Assistant｜>',
      ...think,
      '<｜tool▁calls▁begin｜>',
      '<｜tool▁calls▁end｜>',
      '<｜tool▁call▁begin｜>',
      '<｜tool▁call▁end｜>',
      '<｜tool▁sep｜>',
    ],
    text: 'One.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Chur"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    answer: 'One.',
    calls: calls(['get_weather', '{"city": "Chur"}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'calls in a markup whose token is a part of the tags',
    grammar: 'deepseek-v3.2',
    prompt: '<｜Assistant｜><think>',
    controls: ['<｜Assistant｜>', ...think, '｜DSML｜'],
    text:
      'Hm.</think>Now <｜DSML｜x.\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">a</b</｜DSML｜parameter>\n' +
      '<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name="now">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    reasoning: 'Hm.',
    answer: 'Now <｜DSML｜x.\n\n',
    calls: calls(['get_weather', '{"city":"a</b","days":2}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'calls in a markup with a token of its own that end thoughts',
    needsTokens: true,
    grammar: 'deepseek-v4',
    prompt: '<｜Assistant｜><think>',
    controls: ['<｜Assistant｜>', ...think, '｜DSML｜'],
    text: 'Hm.\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="now">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
    reasoning: 'Hm.',
    calls: calls(['now', '{}']),
  },
  {
    ...nothing,
    name: 'a list of calls between tags',
    grammar: 'nemotron',
    prompt: '<SPECIAL_11>Assistant\n<think>\n',
    controls: ['<SPECIAL_11>', ...think],
    text: 'Ok.\n</think>\n<TOOLCALL>[{"name": "get_weather", "arguments": {"city": "Thun"}}, {"name": "now", "arguments": {}}]</TOOLCALL>',
    reasoning: 'Ok.',
    calls: calls(['get_weather', '{"city": "Thun"}'], ['now', '{}']),
  },
  {
    ...nothing,
    name: 'calls with ids of their own',
    grammar: 'kimi-k2',
    prompt: '<|im_assistant|>assistant<|im_middle|>',
    controls: [
      '<|im_assistant|>',
      '<|im_middle|>',
      ...think,
      '<|tool_calls_section_begin|>',
      '<|tool_calls_section_end|>',
      '<|tool_call_begin|>',
      '<|tool_call_argument_begin|>',
      '<|tool_call_end|>',
    ],
    text: '<think>Ok</think><|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city":"Thun"}<|tool_call_end|><|tool_calls_section_end|>',
    reasoning: 'Ok',
    calls: [{ id: 'functions.get_weather:0', name: 'get_weather', arguments: '{"city":"Thun"}' }],
  },
  {
    ...nothing,
    name: 'calls with ids of their own and without a section, that end thoughts',
    needsTokens: true,
    grammar: 'kimi-k2',
    prompt: '<|im_assistant|>assistant<|im_middle|>',
    controls: [
      '<|im_assistant|>',
      '<|im_middle|>',
      ...think,
      '<|tool_call_begin|>',
      '<|tool_call_argument_begin|>',
    ],
    text: '<think>Ok <|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}<|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}',
    reasoning: 'Ok',
    calls: [
      { id: 'functions.now:0', name: 'now', arguments: '{}' },
      { id: 'functions.now:1', name: 'now', arguments: '{}' },
    ],
  },
  {
    ...nothing,
    name: "Gemma's channel and calls",
    grammar: 'gemma4',
    prompt: '<|turn>model\n',
    controls: ['<|turn>', '<|channel>', '<channel|>', '<|tool_call>', '<tool_call|>', '<|"|>'],
    text:
      '<|channel>thought\nA note.\n<channel|>Sure.<|tool_call>call:save_note{pinned:true,ref:-1.5,tags:[<|"|>a "b"<|"|>,<|"|><c<|"|>],text:<|"|>{x:1}, é\n<|"|>}<tool_call|>' +
      '<|tool_call>call:now{}<tool_call|>',
    reasoning: 'A note.',
    answer: 'Sure.',
    calls: calls(
      ['save_note', '{"pinned":true,"ref":-1.5,"tags":["a \\"b\\"","<c"],"text":"{x:1}, é\\n"}'],
      ['now', '{}'],
    ),
  },
  {
    ...nothing,
    name: "Gemma's empty channel in the prompt",
    grammar: 'gemma4',
    prompt: '<|turn>model\n<|channel>thought\n<channel|>',
    controls: ['<|turn>', '<|channel>', '<channel|>', '<|tool_call>', '<tool_call|>', '<|"|>'],
    text: 'thoughtful',
    answer: 'thoughtful',
  },
]

const harmonyControls = [
  '<|start|>',
  '<|channel|>',
  '<|message|>',
  '<|constrain|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
]

/** Answers of gpt-oss, whose markers are always tokens. */
export const harmonyAnswers: readonly RecordedAnswer[] = [
  {
    ...nothing,
    name: 'analysis and final',
    grammar: 'gpt-oss',
    prompt: '<|end|><|start|>assistant',
    controls: harmonyControls,
    text: '<|channel|>analysis<|message|>Say hi – 😀.<|end|><|start|>assistant<|channel|>final<|message|>Hi! <b>',
    reasoning: 'Say hi – 😀.',
    answer: 'Hi! <b>',
  },
  {
    ...nothing,
    name: 'a preamble and a call',
    grammar: 'gpt-oss',
    prompt: '<|end|><|start|>assistant',
    controls: harmonyControls,
    text:
      '<|channel|>analysis<|message|>One.<|end|><|start|>assistant<|channel|>analysis<|message|>Two.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|>' +
      '<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Bern"}',
    reasoning: 'One.\nTwo.',
    answer: 'I look.',
    calls: calls(['get_weather', '{"city": "Bern"}']),
  },
  {
    ...nothing,
    name: 'a recipient in front of the channel, a tool that nobody offers, and no arguments',
    grammar: 'gpt-oss',
    prompt: '<|start|>assistant',
    controls: harmonyControls,
    text:
      ' to=functions.now<|channel|>commentary json<|message|><|call|><|start|>assistant<|channel|>analysis to=browser.search<|message|>{"q":1}<|call|>' +
      '<|start|>assistant<|channel|>final<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>',
    answer: 'A\nB',
    calls: calls(['now', '{}']),
  },
  {
    ...nothing,
    name: 'a prompt that has opened the answer, and an answer without a header',
    grammar: 'gpt-oss',
    prompt: '<|start|>assistant<|channel|>final<|message|>',
    controls: harmonyControls,
    text: 'Hi<|end|>there',
    answer: 'Hithere',
  },
]
