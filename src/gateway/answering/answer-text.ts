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
 * not reported. Stop strings stop the answer, not thoughts and calls, and none begins before such a block and
 * ends behind it. Leaves the loop, and so stops the work, as soon as a stop string is complete.
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
  /** What a client is told of a piece; nothing behind a stop string. */
  function* told({ events, tokens }: AnswerPiece): Generator<AnswerEvent, void, undefined> {
    const start = produced
    for (const event of events) if (event.type === 'answer-delta') produced += event.text.length
    if (reportTokens) {
      for (const token of tokens) {
        pending.push({ report: tokenReport(token, vocabulary), start, end: produced })
      }
    }
    const isShown = (token: PendingToken) => token.end <= shown
    for (const event of events) {
      if (event.type !== 'answer-delta') {
        yield* delta(holdBack.flush(), isShown)
        if (event.type === 'call-start') calls++
        yield event
        continue
      }
      const visible = holdBack.push(event.text)
      if (holdBack.stopped) {
        yield* delta(visible, (token) => token.start < shown)
        return
      }
      yield* delta(visible, isShown)
    }
    yield* delta('', isShown)
  }
  const end = (reason: 'stop' | 'length'): AnswerEvent => {
    const { reasoningTokens } = pieces
    const finishReason = reason === 'stop' && calls > 0 ? 'tool_calls' : reason
    const { stoppedBy } = holdBack
    return {
      type: 'answer-end',
      finishReason,
      ...(stoppedBy === null ? {} : { stopString: stoppedBy }),
      completionTokens,
      ...(reasoningTokens === null ? {} : { reasoningTokens }),
    }
  }

  for await (const event of decoded) {
    if (event.type === 'decode-end') {
      yield* told(pieces.finish())
      if (!holdBack.stopped) yield* delta(holdBack.flush(), () => true)
      yield end(event.reason === 'length' && !holdBack.stopped ? 'length' : 'stop')
      return
    }
    completionTokens++
    if (event.trace !== undefined) {
      yield { type: 'token-traced', trace: traceReport(event.token, event.trace, vocabulary) }
    }
    yield* told(pieces.push(event))
    if (holdBack.stopped) {
      yield end('stop')
      return
    }
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
