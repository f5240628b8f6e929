import { describe, expect, test } from 'vitest'
import type { AnswerPiece, AnswerPieces, EmittedToken } from '../../../src/gateway/answering/answer-pieces.ts'
import { RestoredPieces } from '../../../src/gateway/guarding/restored-pieces.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { sampleGuard } from './sample-guard.ts'

const { guard, real, masked } = sampleGuard()
const nothing: AnswerPiece = { reasoning: '', answer: '', calls: [], tokens: [] }

function token(id: number): EmittedToken {
  const shown = { alternatives: [], steered: true, certified: true }
  return { type: 'token-emitted', token: tokenId(id), logprob: 0, ...shown }
}

/** What comes out when each token says one of the pieces. */
function restored(pieces: readonly Partial<AnswerPiece>[]): AnswerPiece[] {
  let at = 0
  const said: AnswerPieces = {
    reasoningTokens: null,
    push: (one) => ({ ...nothing, tokens: [one], ...pieces[at++] }),
    finish: () => nothing,
  }
  const pipe = new RestoredPieces(said, guard)
  return [...pieces.map((_, index) => pipe.push(token(index))), pipe.finish()]
}

describe('an answer has real values in place of aliases', () => {
  test('in its text and thoughts, told letter by letter', () => {
    const letters = [...masked]
    const thought = restored(letters.map((reasoning) => ({ reasoning })))
    expect(thought.map(({ reasoning }) => reasoning).join('')).toBe(real)
    const answered = restored(letters.map((answer) => ({ answer })))
    expect(answered.map(({ answer }) => answer).join('')).toBe(real)
  })

  test('with each token as soon as its text is told, and once', () => {
    const answered = restored([...masked].map((answer) => ({ answer })))
    const tokens = answered.flatMap((piece) => piece.tokens.map((one) => one.token))
    expect(tokens).toEqual([...masked].map((_, index) => index))
  })

  test('in the names and arguments of calls, which stay JSON', () => {
    const call = (event: AnswerPiece['calls'][number]) => ({ calls: [event] })
    const text = JSON.stringify({ at: guard.mask('the "old" mill'), to: guard.mask('Noor') })
    const told = restored([
      call({ type: 'call-start', index: 0, id: 'a', name: `ask_${guard.mask('Noor Lindqvist')}` }),
      ...[...text].map((one) => call({ type: 'call-arguments', index: 0, text: one })),
      call({ type: 'call-end', index: 0 }),
    ]).flatMap(({ calls }) => calls)
    expect(told[0]).toMatchObject({ type: 'call-start', name: 'ask_Noor Lindqvist' })
    const written = told.map((event) => (event.type === 'call-arguments' ? event.text : '')).join('')
    expect(JSON.parse(written)).toEqual({ at: 'the "old" mill', to: 'Noor' })
    expect(told.at(-1)).toMatchObject({ type: 'call-end' })
  })
})
