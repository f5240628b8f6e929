import { describe, expect, test } from 'vitest'
import type { AnswerPart } from '../../../web/api/chat-event.ts'
import { type Answer, changeOf, emptyAnswer } from '../../../web/state/answer.ts'

function answerOf(...events: readonly AnswerPart[]): Answer {
  let answer: Answer = { ...emptyAnswer, status: 'waiting' }
  events.forEach((event, index) => {
    answer = { ...answer, ...changeOf(event, answer, (index + 1) * 10) }
  })
  return answer
}

describe('an answer', () => {
  test('keeps thoughts apart from its text, and its first sign is a thought', () => {
    const answer = answerOf(
      { type: 'answer-start', steering: 'on', ignored: ['tools'] },
      { type: 'reasoning-delta', text: 'A friend' },
      { type: 'reasoning-delta', text: ', then.' },
      { type: 'text-delta', text: 'Dear ' },
      { type: 'text-delta', text: 'friend' },
      { type: 'answer-end', reason: 'length' },
      { type: 'tokens-counted', reasoning: 5 },
    )
    expect(answer).toMatchObject({
      steering: 'on',
      ignored: ['tools'],
      reasoning: 'A friend, then.',
      reasoningTokens: 5,
      text: 'Dear friend',
      calls: [],
      firstTextMs: 20,
      cutShort: true,
    })
  })

  test('joins each call from its parts', () => {
    const { calls, text, status } = answerOf(
      { type: 'call-delta', index: 0, name: 'weather', text: '' },
      { type: 'call-delta', index: 0, name: '', text: '{"city":' },
      { type: 'call-delta', index: 0, name: '', text: '"Ghent"}' },
      { type: 'call-delta', index: 1, name: 'time', text: '{}' },
      { type: 'answer-end', reason: 'tool_calls' },
    )
    expect(calls).toEqual([
      { name: 'weather', arguments: '{"city":"Ghent"}' },
      { name: 'time', arguments: '{}' },
    ])
    expect({ text, status }).toEqual({ text: '', status: 'streaming' })
  })
})
