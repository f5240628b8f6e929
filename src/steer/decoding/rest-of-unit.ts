import type { AnswerProgress } from '../channels/answer-progress.ts'
import type { TokenLogprob } from '../sampling/token-selector.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'
import type { TokenTrace } from './token-trace.ts'

/**
 * Emits what belongs to a private value behind its first token, as far as the answer may be long. `first` is
 * that token's trace, where it has one: nobody was asked about the others, and each is its own alternative.
 */
export function* restOfUnit(
  { maxTokens, counters, alternatives: wanted }: DecodeOptions,
  progress: AnswerProgress,
  behind: readonly TokenLogprob[],
  first?: TokenTrace,
): Generator<DecodeEvent, void, undefined> {
  for (const token of behind.slice(0, maxTokens - progress.position)) {
    const trace = first === undefined ? {} : { trace: traceBehind(first, progress.position, token) }
    progress.take(token.token)
    counters.steeredTokens++
    counters.coveredMass++
    const alternatives = [token].slice(0, wanted)
    yield { type: 'token-emitted', ...token, alternatives, steered: true, certified: true, ...trace }
  }
}

function traceBehind(first: TokenTrace, position: number, token: TokenLogprob): TokenTrace {
  return {
    ...first,
    position,
    upstream: [],
    steered: [{ ...token, delta: 0 }],
    unsteered: token.token,
    shift: 0,
    draft: null,
    local: null,
  }
}
