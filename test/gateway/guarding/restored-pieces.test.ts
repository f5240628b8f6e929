import { describe, expect, test } from 'vitest'
import type { AnswerPiece, AnswerPieces, EmittedToken } from '../../../src/gateway/answering/answer-pieces.ts'
import { RestoredPieces } from '../../../src/gateway/guarding/restored-pieces.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { sampleGuard } from './sample-guard.ts'

type PieceEvent = AnswerPiece['events'][number]

const { guard, real, masked } = sampleGuard()

function token(id: number): EmittedToken {
  const shown = { alternatives: [], steered: true, certified: true }
  return { type: 'token-emitted', token: tokenId(id), logprob: 0, ...shown }
}

/** What comes out when each token says one of the events. */
function restored(events: readonly PieceEvent[]): AnswerPiece[] {
  let at = 0
  const said: AnswerPieces = {
    reasoningTokens: null,
    push: (one) => ({ events: [events[at++] as PieceEvent], tokens: [one] }),
    finish: () => ({ events: [], tokens: [] }),
  }
  const pipe = new RestoredPieces(said, guard)
  return [...events.map((_, index) => pipe.push(token(index))), pipe.finish()]
}

function textOf(pieces: readonly AnswerPiece[], type: PieceEvent['type']): string {
  return pieces
    .flatMap(({ events }) => events)
    .map((event) => (event.type === type && 'text' in event ? event.text : ''))
    .join('')
}

describe('an answer has real values in place of aliases', () => {
  test.each(['answer-delta', 'reasoning-delta'] as const)('in its %s, told letter by letter', (type) => {
    expect(textOf(restored([...masked].map((text) => ({ type, text }))), type)).toBe(real)
  })

  test('in a thought that ends where the text begins', () => {
    const alias = guard.mask('Noor')
    const events = restored([
      ...[...alias].map((text): PieceEvent => ({ type: 'reasoning-delta', text })),
      { type: 'answer-delta', text: ' is here' },
    ]).flatMap((piece) => piece.events)
    expect(events).toEqual([
      { type: 'reasoning-delta', text: 'Noor' },
      { type: 'answer-delta', text: ' is here' },
    ])
  })

  test('with each token as soon as its text is told, and once', () => {
    const answered = restored([...masked].map((text) => ({ type: 'answer-delta', text })))
    const tokens = answered.flatMap((piece) => piece.tokens.map((one) => one.token))
    expect(tokens).toEqual([...masked].map((_, index) => index))
  })

  test('in the names and arguments of calls, which stay JSON', () => {
    const text = JSON.stringify({ at: guard.mask('the "old" mill'), to: guard.mask('Noor') })
    const told = restored([
      { type: 'call-start', index: 0, id: 'a', name: `ask_${guard.mask('Noor Lindqvist')}` },
      ...[...text].map((one): PieceEvent => ({ type: 'call-arguments', index: 0, text: one })),
      { type: 'call-end', index: 0 },
    ])
    const events = told.flatMap((piece) => piece.events)
    expect(events[0]).toMatchObject({ type: 'call-start', name: 'ask_Noor Lindqvist' })
    expect(JSON.parse(textOf(told, 'call-arguments'))).toEqual({ at: 'the "old" mill', to: 'Noor' })
    expect(events.at(-1)).toMatchObject({ type: 'call-end' })
  })
})
