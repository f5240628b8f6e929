import type { AnswerProgress } from '../channels/answer-progress.ts'
import { needsOwnSampling } from './adjusted-run.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'
import { freeRun } from './free-run.ts'
import { tokensLeft } from './tokens-left.ts'

/**
 * Lets the upstream stream what nobody steers, such as thoughts, in one request, until the next token is to
 * be a steered one; the rest of the stream is dropped then. Behind a closed block that is known one token
 * later: white space and another block's opening come with the stream, and the first token of text is
 * dropped, whose place is the answer's. An upstream that ends there ends the answer, as it does with a call.
 * Returns whether the answer goes on.
 */
export async function* unsteeredStretch(
  options: DecodeOptions,
  progress: AnswerProgress,
): AsyncGenerator<DecodeEvent, boolean, undefined> {
  // Nobody waits for the local pair meanwhile; whoever does later hears of its failure
  if (options.local instanceof Promise) options.local.catch(() => {})
  const left = tokensLeft(options, progress)
  const full = progress.position + left
  // A token that is picked here costs a request of its own, so that none is dropped
  const readsOn = !needsOwnSampling(options.sampling)
  for await (const event of freeRun(options, progress, left)) {
    const isFull = progress.position === full
    const isText = event.type === 'token-emitted' && progress.isStructural?.(event.token) !== true
    if (progress.steered && isText && !isFull) {
      options.counters.unsteeredTokens--
      progress.nextIsText()
      return true
    }
    yield event
    if (event.type === 'decode-end') return false
    progress.take(event.token)
    if (!progress.steered || progress.position === full) continue
    if (!readsOn || !progress.isBetween) return true
  }
  return false
}
