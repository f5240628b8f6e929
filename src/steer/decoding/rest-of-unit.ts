import type { AnswerProgress } from '../channels/answer-progress.ts'
import type { TokenLogprob } from '../sampling/token-selector.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'

/** Emits what belongs to a private value behind its first token, as far as the answer may be long. */
export function* restOfUnit(
  { maxTokens, counters }: DecodeOptions,
  progress: AnswerProgress,
  behind: readonly TokenLogprob[],
): Generator<DecodeEvent, void, undefined> {
  for (const token of behind.slice(0, maxTokens - progress.position)) {
    progress.take(token.token)
    counters.steeredTokens++
    counters.coveredMass++
    yield { type: 'token-emitted', ...token, alternatives: [], steered: true, certified: true }
  }
}
