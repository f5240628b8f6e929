import type { DecodeEvent } from '../../steer/decoding/decode.ts'
import type { TokenLogprob } from '../../steer/sampling/token-selector.ts'
import { StopHoldBack } from '../../steer/text/stop-hold-back.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { AnswerEvent, LogprobReport, TokenReport } from '../answer.ts'
import { traceReport } from '../tracing/trace-report.ts'
import type { AnswerPiece, AnswerPieces } from './answer-pieces.ts'

interface PendingToken {
  readonly report: TokenReport
  /** Where the token's text begins and ends in the answer, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/**
 * Turns decoded tokens into deltas of text that never cut a character or show part of a stop string. A token
 * is reported with the delta in which its text becomes visible; tokens that lie wholly in a stop string are
 * not reported. Stop strings stop the answer, not thoughts. Leaves the loop, and so stops the work, as soon
 * as a stop string is complete.
 */
export async function* answerText(
  decoded: AsyncIterable<DecodeEvent>,
  {
    pieces,
    vocabulary,
    stop,
    reportTokens,
  }: {
    pieces: AnswerPieces
    vocabulary: Vocabulary
    stop: readonly string[]
    reportTokens: boolean
  },
): AsyncGenerator<AnswerEvent, void, undefined> {
  const holdBack = new StopHoldBack(stop)
  const pending: PendingToken[] = []
  let produced = 0
  let shown = 0
  let completionTokens = 0
  let calls = 0

  const delta = (visible: string, isDue: (token: PendingToken) => boolean): AnswerEvent[] => {
    shown += visible.length
    const tokens: TokenReport[] = []
    while (pending[0] !== undefined && isDue(pending[0]))
      tokens.push((pending.shift() as PendingToken).report)
    return visible.length > 0 || tokens.length > 0 ? [{ type: 'text-delta', text: visible, tokens }] : []
  }
  const take = ({ reasoning, answer, calls: told, tokens }: AnswerPiece): AnswerEvent[] => {
    const [start, end] = [produced, produced + answer.length]
    if (reportTokens) {
      for (const token of tokens) pending.push({ report: tokenReport(token, vocabulary), start, end })
    }
    produced = end
    for (const { type } of told) if (type === 'call-start') calls++
    return reasoning === '' ? [] : [{ type: 'reasoning-delta', text: reasoning }]
  }
  const end = (reason: 'stop' | 'length'): AnswerEvent => {
    const { reasoningTokens } = pieces
    const finishReason = reason === 'stop' && calls > 0 ? 'tool_calls' : reason
    const ofThem = reasoningTokens === null ? {} : { reasoningTokens }
    return { type: 'answer-end', finishReason, completionTokens, ...ofThem }
  }

  for await (const event of decoded) {
    if (event.type === 'decode-end') {
      const last = pieces.finish()
      yield* take(last)
      yield* delta(holdBack.push(last.answer) + holdBack.flush(), () => true)
      yield* last.calls
      yield end(event.reason === 'length' ? 'length' : 'stop')
      return
    }
    completionTokens++
    if (event.trace !== undefined) {
      yield { type: 'token-traced', trace: traceReport(event.token, event.trace, vocabulary) }
    }
    const piece = pieces.push(event)
    yield* take(piece)
    const visible = holdBack.push(piece.answer)
    if (holdBack.stopped) {
      yield* delta(visible, (token) => token.start < shown)
      yield end('stop')
      return
    }
    yield* delta(visible, (token) => token.end <= shown)
    yield* piece.calls
  }
}

function tokenReport(
  event: TokenLogprob & { readonly alternatives: readonly TokenLogprob[] },
  vocabulary: Vocabulary,
): TokenReport {
  const withBytes = ({ token, logprob }: TokenLogprob): LogprobReport => ({
    token,
    bytes: vocabulary.bytes(token),
    logprob,
  })
  return { ...withBytes(event), alternatives: event.alternatives.map(withBytes) }
}
