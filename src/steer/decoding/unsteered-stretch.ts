import type { AnswerProgress } from '../channels/answer-progress.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'
import { freeRun } from './free-run.ts'

/**
 * Lets the upstream stream what nobody steers, such as thoughts, in one request, until the next token may be
 * a steered one; the rest of the stream is dropped then. Returns whether the answer goes on.
 */
export async function* unsteeredStretch(
  options: DecodeOptions,
  progress: AnswerProgress,
): AsyncGenerator<DecodeEvent, boolean, undefined> {
  // Nobody waits for the local pair meanwhile; whoever does later hears of its failure
  if (options.local instanceof Promise) options.local.catch(() => {})
  const left = options.maxTokens - progress.position
  for await (const event of freeRun(options, [...progress.prefix], left)) {
    yield event
    if (event.type === 'decode-end') return false
    progress.take(event.token)
    if (progress.steered && progress.position < options.maxTokens) return true
  }
  return false
}
