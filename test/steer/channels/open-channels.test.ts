import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChannelState } from '../../../src/steer/channels/answer-channels.ts'
import { channelGrammar } from '../../../src/steer/channels/channel-families.ts'
import { openChannels } from '../../../src/steer/channels/open-channels.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { CutVocabulary } from './cut-vocabulary.ts'
import { harmonyAnswers, type RecordedAnswer, recordedAnswers } from './recorded-answers.ts'

const all = [...recordedAnswers, ...harmonyAnswers].map((recorded) => [recorded.name, recorded] as const)

function opened(name: string, controls: readonly string[], offersTools = true) {
  const grammar = channelGrammar(name)
  if (grammar === null) throw new Error(`no grammar is named ${name}`)
  const vocabulary = new CutVocabulary(controls)
  const { withTools, withoutTools } = openChannels(grammar, vocabulary.side)
  return { vocabulary, channels: offersTools ? withTools : withoutTools }
}

/** States along a recorded answer, and the tokens that it is cut into. */
function walk(recorded: RecordedAnswer, isCut: (byte: number) => boolean, controls = recorded.controls) {
  const { vocabulary, channels } = opened(recorded.grammar, controls)
  const tokens = vocabulary.tokens(recorded.text, isCut)
  const states = [channels.begin(vocabulary.tokens(recorded.prompt, () => true))]
  for (const token of tokens) states.push(channels.next(states.at(-1) as ChannelState, token).state)
  return { vocabulary, channels, tokens, states }
}

/** What each token of a text is: `-` held back, else its channel, in capitals for the structural ones. */
function kinds(
  grammar: string,
  { controls, prompt, pieces }: { controls: readonly string[]; prompt: string; pieces: readonly string[] },
) {
  const { vocabulary, channels } = opened(grammar, controls)
  let state = channels.begin(vocabulary.tokens(prompt, () => true))
  return pieces.map((piece) => {
    const steered = state.steered ? '*' : ''
    const step = channels.next(state, vocabulary.token(piece))
    state = step.state
    const settled = step.settled.map(({ channel, structural }) =>
      structural ? channel.toUpperCase() : channel,
    )
    return steered + (settled.join(' ') || '-')
  })
}

const think = ['<think>', '</think>', '<tool_call>', '</tool_call>']

describe('the channels of an answer', () => {
  test('belong to tokens, and only the answer is steered (*)', () => {
    const pieces = [
      '<think>',
      '\n',
      'Hm',
      '</think>',
      '\n\n',
      'Hi',
      ' you',
      '<tool_call>',
      '{',
      '</tool_call>',
      '\n',
      'A',
    ]
    expect(kinds('qwen3', { controls: think, prompt: '<|im_start|>assistant\n', pieces })).toEqual([
      '*REASONING',
      'reasoning',
      'reasoning',
      'REASONING',
      '*ANSWER',
      '*answer',
      '*answer',
      '*TOOL_CALL',
      'tool_call',
      'TOOL_CALL',
      '*ANSWER',
      '*answer',
    ])
  })

  test('are taken from the upstream while a marker may be spelled, and steered again once it is none', () => {
    const pieces = ['a', ' <', 'to', 'x', '<tool', '_call', '>{', '}</', 'tool_call>', '<', '<']
    expect(kinds('none+hermes', { controls: [], prompt: '', pieces })).toEqual([
      '*answer',
      // Its first byte is text, so it is text, though the next token is the upstream's
      '*answer',
      '-',
      'answer answer',
      '*-',
      '-',
      'TOOL_CALL TOOL_CALL tool_call',
      'tool_call',
      'TOOL_CALL',
      '*-',
      'answer',
    ])
  })

  test('of harmony change in headers, which are structural', () => {
    const pieces = [
      '<|channel|>',
      'analysis',
      '<|message|>',
      'Hm',
      '<|end|>',
      '<|start|>',
      'assistant',
      '<|channel|>',
    ]
    const final = ['final', '<|message|>', 'Hi', '<|end|>']
    const controls = ['<|start|>', '<|channel|>', '<|message|>', '<|end|>']
    expect(
      kinds('gpt-oss', { controls, prompt: '<|start|>assistant', pieces: [...pieces, ...final] }),
    ).toEqual([
      'REASONING',
      'REASONING',
      'REASONING',
      'reasoning',
      'REASONING',
      'REASONING',
      'REASONING',
      'REASONING',
      'REASONING',
      'REASONING',
      '*answer',
      '*ANSWER',
    ])
  })

  test('begin where the prompt ends', () => {
    const region = (grammar: string, prompt: string) => {
      const { vocabulary, channels } = opened(grammar, [...think, '<|channel>', '<channel|>'])
      return channels.begin(vocabulary.tokens(prompt, () => true)).region
    }
    expect(region('qwen3', '<|im_start|>assistant\n')).toBe('start')
    expect(region('qwen3', 'assistant\n<think>\n')).toBe('reasoning')
    expect(region('qwen3', 'assistant\n<think>\n\n</think>\n\n')).toBe('between')
    expect(region('glm', '<|assistant|></think>')).toBe('between')
    expect(region('gemma4', '<|turn>model\n<|channel>thought\n')).toBe('reasoning')
    expect(region('gemma4', '<|turn>model\n<|channel>thought\n<channel|>')).toBe('between')
    expect(region('qwen3', 'what does <think> mean?<|im_end|>\n<|im_start|>assistant\n')).toBe('start')
    expect(region('plain', 'assistant\n<think>\n')).toBe('answer')
  })

  test('have no calls where no tools are offered', () => {
    const { vocabulary, channels } = opened('qwen3', think, false)
    const step = channels.next(channels.begin([]), vocabulary.token('<tool_call>'))
    expect(step.state.region).not.toBe('tool_call')
    expect(step.parts.every(({ type }) => type === 'text')).toBe(true)
  })

  test('know a marker that is one token by this token alone', () => {
    const { vocabulary, channels } = opened('qwen3.5', think)
    let state = channels.begin([])
    for (const piece of ['Write ', '<', 'think', '>', '.'])
      state = channels.next(state, vocabulary.token(piece)).state
    expect(state).toMatchObject({ region: 'answer', held: '' })
    expect(channels.isStructural(state, vocabulary.token('<'))).toBe(false)
  })

  test('know markers that some models never learnt as tokens when they are spelled, too', () => {
    const pieces = ['<tool', '_call>', '{', '</tool_call>', 'a', '<tool_call>', '{', '</', 'tool_call>']
    expect(kinds('qwen2.5', { controls: think, prompt: 'assistant\n', pieces })).toEqual([
      '*-',
      'TOOL_CALL TOOL_CALL',
      'tool_call',
      'TOOL_CALL',
      '*answer',
      '*TOOL_CALL',
      'tool_call',
      '-',
      'TOOL_CALL TOOL_CALL',
    ])
  })

  test.each(all)('can be tried and dropped again without a trace: %s', (_, recorded) => {
    const { channels, tokens, states } = walk(recorded, (byte) => byte % 3 === 0)
    fc.assert(
      fc.property(
        fc.nat({ max: tokens.length }),
        fc.array(fc.nat({ max: tokens.length - 1 })),
        (at, tried) => {
          const state = states[at] as ChannelState
          const before = JSON.stringify(state)
          let ahead = state
          for (const index of tried) ahead = channels.next(ahead, tokens[index] as TokenId).state
          expect(JSON.stringify(state)).toBe(before)
          if (at < tokens.length) {
            expect(channels.next(state, tokens[at] as TokenId).state).toEqual(states[at + 1])
          }
        },
      ),
    )
  })

  test.each(all)('call a token structural just when it is no plain text of the answer: %s', (_, recorded) => {
    for (const controls of recorded.grammar === 'gpt-oss' ? [recorded.controls] : [recorded.controls, []]) {
      const { channels, tokens, states } = walk(recorded, (byte) => byte % 2 === 0, controls)
      for (const state of states.filter(({ steered }) => steered)) {
        for (const token of new Set(tokens)) {
          const { state: next, settled, parts } = channels.next(state, token)
          const isText =
            next.steered &&
            parts.every(({ type, channel }) => type === 'text' && channel === 'answer') &&
            settled.every(({ structural, channel }) => !structural && channel === 'answer')
          expect(channels.isStructural(state, token)).toBe(!isText)
        }
      }
    }
  })
})
