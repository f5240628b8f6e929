import { describe, expect, test } from 'vitest'
import { tokenId } from '../../../src/steer/token-id.ts'
import { SpelledCandidates } from '../../../src/upstream/chat-prefix/spelled-candidates.ts'
import { PromptText } from '../../../src/upstream/completions/prompt-text.ts'
import { byteTokenizer, byteVocabulary } from '../served-model/byte-model.ts'

const end = tokenId(256)
const answer = byteTokenizer.encode('So')

function byte(text: string) {
  return Buffer.from(text)[0]
}

function candidates() {
  const parts = {
    where: 'The service',
    vocabulary: byteVocabulary,
    tokenizer: byteTokenizer,
    controlTokens: new Map([[end, '<|end|>']]),
  }
  return new SpelledCandidates({ ...parts, promptText: new PromptText(parts) })
}

function top(entries: Readonly<Record<string, number>>) {
  return Object.entries(entries).map(([text, probability]) => ({
    token: { text },
    logprob: Math.log(probability),
  }))
}

describe('names of tokens that are none here', () => {
  test('count for the first token that spells them, together', () => {
    const named = candidates()
    const told = named.distributionAt(answer, { top: top({ hello: 0.4, he: 0.2, you: 0.3 }) }, 5)
    expect(told && [...told.ids]).toEqual([byte('h'), byte('y')])
    expect(told && [...told.logprobs].map(Math.exp)).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.3, 6)])
    expect(told).toMatchObject({ complete: false, hasGaps: true })
  })

  test('are none of a stream', () => {
    expect(candidates().tokenAt(answer, { text: 'hello' })).toBeNull()
    expect(candidates().tokenAt(answer, { text: 'h' })).toBe(byte('h'))
  })
})

describe('left out', () => {
  test.each([
    ['halves of characters', answer, { '\ufffd': 0.5, a: 0.1 }],
    ['tokens behind which a text would end inside a character', answer, { é: 0.5, a: 0.1 }],
    ['control tokens of other models', answer, { '<|begin|>': 0.5, a: 0.1 }],
    ['white space that begins an answer', [], { '\n': 0.5, ' hi': 0.2, a: 0.1 }],
  ])('are %s', (_, prefix, entries) => {
    const told = candidates().distributionAt(prefix, { top: top(entries) }, 5)
    expect(told && [...told.ids]).toEqual([byte('a')])
  })

  test('a position with nothing else is not told', () => {
    expect(candidates().distributionAt(answer, { top: top({ '\ufffd': 0.5 }) }, 5)).toBeNull()
  })

  test('a replacement character that a model did write is one', () => {
    const bytes = [...Buffer.from('a')]
    expect(candidates().tokenAt(answer, { text: '\ufffd', bytes })).toBe(byte('a'))
  })
})

test('the end is what the service calls so, and what it leaves without a name', () => {
  const named = candidates()
  expect(named.tokenAt(answer, { text: '<|end|>' })).toBe(end)
  expect(named.tokenAt(answer, { text: '' })).toBe(end)
  expect(named.tokenAt(answer, { text: '<｜end▁of▁sentence｜>' })).toBeNull()
  named.endName = '<｜end▁of▁sentence｜>'
  expect(named.tokenAt(answer, { text: '<｜end▁of▁sentence｜>' })).toBe(end)
})
