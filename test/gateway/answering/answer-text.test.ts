import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import {
  type AnswerPieces,
  ChannelPieces,
  PlainPieces,
} from '../../../src/gateway/answering/answer-pieces.ts'
import { answerText } from '../../../src/gateway/answering/answer-text.ts'
import { channelGrammar } from '../../../src/steer/channels/channel-families.ts'
import { openChannels } from '../../../src/steer/channels/open-channels.ts'
import type { DecodeEvent } from '../../../src/steer/decoding/decode.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

const byteVocabulary: Vocabulary = {
  size: 256,
  fingerprint: 'bytes',
  bytes: (token) => Uint8Array.of(token),
  endTokens: new Set(),
}

async function* decoded(text: string, reason: 'end-token' | 'length'): AsyncGenerator<DecodeEvent> {
  for (const byte of new TextEncoder().encode(text)) {
    const token = tokenId(byte)
    yield { type: 'token-emitted', token, logprob: -1, alternatives: [], steered: true, certified: true }
  }
  yield { type: 'decode-end', reason }
}

async function answer(
  text: string,
  stop: string[] = [],
  reason: 'end-token' | 'length' = 'end-token',
  pieces: AnswerPieces = new PlainPieces(byteVocabulary),
) {
  const events: AnswerEvent[] = []
  const vocabulary = byteVocabulary
  const stream = answerText(decoded(text, reason), { pieces, vocabulary, stop, reportTokens: true })
  for await (const event of stream) events.push(event)
  const deltas = events.flatMap((event) => (event.type === 'text-delta' ? [event] : []))
  return {
    events,
    text: deltas.map((delta) => delta.text).join(''),
    reasoning: events.flatMap((event) => (event.type === 'reasoning-delta' ? event.text : [])).join(''),
    bytes: deltas.flatMap((delta) => delta.tokens.map(({ bytes }) => bytes[0])),
    end: events.at(-1),
    deltas,
  }
}

describe('the text of an answer', () => {
  test('is the decoded text, and every token is reported once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 20 }), async (text) => {
        const wellFormed = text.toWellFormed()
        const { text: shown, bytes } = await answer(wellFormed)
        expect(shown).toBe(wellFormed)
        expect(bytes).toEqual([...new TextEncoder().encode(wellFormed)])
      }),
    )
  })

  test('no delta ends inside a character', async () => {
    const { deltas } = await answer('a😀é')
    expect(deltas.map((delta) => delta.text).filter((text) => text !== '')).toEqual(['a', '😀', 'é'])
  })

  test('stops before a stop string and reports no token of it', async () => {
    const { text, bytes, end } = await answer('one END two', ['END'])
    expect(text).toBe('one ')
    expect(bytes).toEqual([...new TextEncoder().encode('one ')])
    expect(end).toEqual({ type: 'answer-end', finishReason: 'stop', completionTokens: 7, stopString: 'END' })
  })

  test('shows held-back text when the answer ends without the stop string', async () => {
    const { text, end } = await answer('one EN', ['END'], 'length')
    expect(text).toBe('one EN')
    expect(end).toEqual({ type: 'answer-end', finishReason: 'length', completionTokens: 6 })
  })
})

/** An answer of a model that thinks between `<think>` and `</think>`. */
async function thoughtful(text: string, stop: string[] = [], reason: 'end-token' | 'length' = 'end-token') {
  const grammar = channelGrammar('qwen3')
  if (grammar === null) throw new Error('the family is not known')
  const side = { vocabulary: byteVocabulary, controlTokens: new Map() }
  const channels = openChannels(grammar, side).withoutTools
  return answer(
    text,
    stop,
    reason,
    new ChannelPieces({ grammar, channels, offered: null }, channels.begin([])),
  )
}

describe('the text of an answer with thoughts', () => {
  test('has the thoughts apart, and reports and stops at nothing but the answer', async () => {
    const told = await thoughtful('<think>END é</think>\n\nI say é END more', ['END'])
    expect([told.reasoning, told.text]).toEqual(['END é', 'I say é '])
    expect(told.bytes).toEqual([...new TextEncoder().encode('I say é ')])
    const completionTokens = new TextEncoder().encode('<think>END é</think>\n\nI say é END').length
    const reasoningTokens = new TextEncoder().encode('<think>END é</think>').length
    expect(told.end).toEqual({
      type: 'answer-end',
      finishReason: 'stop',
      completionTokens,
      reasoningTokens,
      stopString: 'END',
    })
  })

  test('is empty when the tokens ended within the thoughts', async () => {
    const told = await thoughtful('<think>so far</thi', [], 'length')
    expect([told.reasoning, told.text]).toEqual(['so far</thi', ''])
    expect(told.end).toMatchObject({ finishReason: 'length', completionTokens: 18 })
  })

  test('is the whole text where the model did not think', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 20 }), async (text) => {
        const said = text.toWellFormed()
        fc.pre(!said.includes('<think>') && !said.includes('</think>'))
        const told = await thoughtful(said)
        expect([told.text, told.reasoning]).toEqual([said, ''])
        expect(told.end).toMatchObject({ reasoningTokens: 0 })
      }),
    )
  })

  test('shows what looks like a call, for no tools are offered', async () => {
    const call = '<tool_call>{"name": "f", "arguments": {}}</tool_call>'
    expect((await thoughtful(call)).text).toBe(call)
  })
})

/** An answer of a model that was offered a tool and calls as Qwen does. */
async function calling(text: string, { stop = [] as string[], parallel = true, length = false } = {}) {
  const grammar = channelGrammar('qwen2.5')
  if (grammar === null) throw new Error('the family is not known')
  const side = { vocabulary: byteVocabulary, controlTokens: new Map() }
  const channels = openChannels(grammar, side).withTools
  const tools = [{ type: 'function', function: { name: 'weather' } }] as const
  const offered = { tools, choice: 'auto', parallel } as const
  const pieces = new ChannelPieces({ grammar, channels, offered }, channels.begin([]))
  return (await answer(text, stop, length ? 'length' : 'end-token', pieces)).events
}

describe('the text of an answer with tool calls', () => {
  const call = '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'
  const argumentsOf = (events: readonly AnswerEvent[], index: number) =>
    events.flatMap((event) => (event.type === 'call-arguments' && event.index === index ? [event.text] : []))

  test('has the call apart from what is said, and ends with it', async () => {
    const events = await calling(`Let me look.\n${call}`)
    const said = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
    expect(said).toBe('Let me look.\n')
    expect(events.find(({ type }) => type === 'call-start')).toMatchObject({ index: 0, name: 'weather' })
    expect(JSON.parse(argumentsOf(events, 0).join(''))).toEqual({ city: 'Oslo' })
    expect(argumentsOf(events, 0).length).toBeGreaterThan(1)
    expect(events.at(-1)).toMatchObject({ type: 'answer-end', finishReason: 'tool_calls' })
  })

  test('reports no token of a call, and stops at no string in one', async () => {
    const events = await calling(`Hm ${call}`, { stop: ['Oslo'] })
    const reported = events.flatMap((event) => (event.type === 'text-delta' ? event.tokens : []))
    expect(Buffer.concat(reported.map(({ bytes }) => bytes)).toString()).toBe('Hm ')
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool_calls' })
  })

  test('tells text and calls in their order, also what a stop string could have begun with', async () => {
    const events = await calling(`I look.${call}So be it.`, { stop: ['look.So', 'it. Yes'] })
    const told = events.flatMap((event) => {
      if (event.type === 'text-delta') return [event.text]
      return event.type === 'call-start' || event.type === 'call-end' ? [`|${event.type}|`] : []
    })
    expect(told.join('')).toBe('I look.|call-start||call-end|So be it.')
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool_calls' })
  })

  test('counts the tokens of calls, and ends with their length where one is cut off', async () => {
    const cut = call.slice(0, 50)
    expect((await calling(cut, { length: true })).at(-1)).toMatchObject({
      finishReason: 'length',
      completionTokens: cut.length,
    })
  })

  test('keeps the first of several calls where one is wanted', async () => {
    const starts = (events: readonly AnswerEvent[]) => events.filter(({ type }) => type === 'call-start')
    expect(starts(await calling(call + call))).toHaveLength(2)
    expect(starts(await calling(call + call, { parallel: false }))).toHaveLength(1)
  })
})
