import type { DecodeEvent } from '../../steer/decoding/decode.ts'
import type { TokenLogprob } from '../../steer/sampling/token-selector.ts'
import { IncrementalText } from '../../steer/text/incremental-text.ts'
import { StopHoldBack } from '../../steer/text/stop-hold-back.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { AnswerEvent, LogprobReport, TokenReport } from '../answer.ts'
import { traceReport } from '../tracing/trace-report.ts'

interface PendingToken {
  readonly report: TokenReport
  /** Where the token's text begins and ends in the answer, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/**
 * Turns decoded tokens into text deltas that never cut a character or show part of a stop string. A token is
 * reported with the delta in which its text becomes visible; tokens that lie wholly in a stop string are not
 * reported. Leaves the loop, and so stops the work, as soon as a stop string is complete.
 */
export async function* answerText(
  decoded: AsyncIterable<DecodeEvent>,
  {
    vocabulary,
    stop,
    reportTokens,
  }: { vocabulary: Vocabulary; stop: readonly string[]; reportTokens: boolean },
): AsyncGenerator<AnswerEvent, void, undefined> {
  const text = new IncrementalText(vocabulary)
  const holdBack = new StopHoldBack(stop)
  const pending: PendingToken[] = []
  let produced = 0
  let shown = 0
  let completionTokens = 0

  const delta = (visible: string, isDue: (token: PendingToken) => boolean): AnswerEvent[] => {
    shown += visible.length
    const tokens: TokenReport[] = []
    while (pending[0] !== undefined && isDue(pending[0]))
      tokens.push((pending.shift() as PendingToken).report)
    return visible.length > 0 || tokens.length > 0 ? [{ type: 'text-delta', text: visible, tokens }] : []
  }

  for await (const event of decoded) {
    if (event.type === 'decode-end') {
      yield* delta(holdBack.push(text.flush()) + holdBack.flush(), () => true)
      yield {
        type: 'answer-end',
        finishReason: event.reason === 'length' ? 'length' : 'stop',
        completionTokens,
      }
      return
    }
    completionTokens++
    if (event.trace !== undefined) {
      yield { type: 'token-traced', trace: traceReport(event.token, event.trace, vocabulary) }
    }
    const piece = text.push(event.token)
    if (reportTokens) {
      pending.push({ report: tokenReport(event, vocabulary), start: produced, end: produced + piece.length })
    }
    produced += piece.length
    const visible = holdBack.push(piece)
    if (holdBack.stopped) {
      yield* delta(visible, (token) => token.start < shown)
      yield { type: 'answer-end', finishReason: 'stop', completionTokens }
      return
    }
    yield* delta(visible, (token) => token.end <= shown)
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
