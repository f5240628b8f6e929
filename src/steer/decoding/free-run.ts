import type { TokenLogprob } from '../sampling/token-selector.ts'
import type { TokenId } from '../token-id.ts'
import type { StreamedToken } from '../upstream.ts'
import { adjustedRun, needsOwnSampling, type RunStart } from './adjusted-run.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'

/**
 * Lets the upstream stream on by itself: one request for the rest of the answer, unless its
 * tokens have to be picked here. Log-probabilities are the upstream's own. Needs `maxTokens` of at least 1.
 */
export async function* freeRun(
  options: DecodeOptions,
  start: RunStart,
  maxTokens: number,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const { upstream, steering, sampling, signal } = options
  if (needsOwnSampling(sampling)) {
    yield* adjustedRun(options, start, maxTokens)
    return
  }
  const { prefix } = start
  const candidates = Math.max(1, options.alternatives, Math.min(steering.candidates, 20))
  let emitted = 0
  options.counters.upstreamQueries++
  for await (const step of upstream.stream({ prefix, candidates, maxTokens, sampling, signal })) {
    if (options.endTokens.has(step.token)) {
      yield { type: 'decode-end', reason: 'end-token' }
      return
    }
    options.counters.unsteeredTokens++
    yield unsteeredToken(step, options.alternatives)
    emitted++
    if (emitted === maxTokens) break
  }
  yield { type: 'decode-end', reason: emitted === maxTokens ? 'length' : 'end-token' }
}

function unsteeredToken({ token, distribution }: StreamedToken, alternatives: number): DecodeEvent {
  const { ids, logprobs } = distribution
  const reported: TokenLogprob[] = []
  for (let i = 0; i < Math.min(alternatives, ids.length); i++) {
    reported.push({ token: ids[i] as TokenId, logprob: logprobs[i] as number })
  }
  const index = ids.indexOf(token)
  // A sampled token may lie below the candidates; the last candidate bounds it from above.
  const logprob = logprobs[index === -1 ? logprobs.length - 1 : index] ?? 0
  return { type: 'token-emitted', token, logprob, alternatives: reported, steered: false, certified: true }
}
