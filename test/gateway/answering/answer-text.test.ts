import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import { answerText } from '../../../src/gateway/answering/answer-text.ts'
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

async function answer(text: string, stop: string[] = [], reason: 'end-token' | 'length' = 'end-token') {
  const events: AnswerEvent[] = []
  const stream = answerText(decoded(text, reason), { vocabulary: byteVocabulary, stop, reportTokens: true })
  for await (const event of stream) events.push(event)
  const deltas = events.flatMap((event) => (event.type === 'text-delta' ? [event] : []))
  return {
    text: deltas.map((delta) => delta.text).join(''),
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
    expect(end).toEqual({ type: 'answer-end', finishReason: 'stop', completionTokens: 7 })
  })

  test('shows held-back text when the answer ends without the stop string', async () => {
    const { text, end } = await answer('one EN', ['END'], 'length')
    expect(text).toBe('one EN')
    expect(end).toEqual({ type: 'answer-end', finishReason: 'length', completionTokens: 6 })
  })
})
