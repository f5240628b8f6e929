import { PublicSequence } from '../guard/public-sequence.ts'
import type { PublicTokens } from '../guard/public-tokens.ts'
import { isGreedy, type Sampling } from '../sampling/sampling.ts'
import { TokenSelector } from '../sampling/token-selector.ts'
import type { TokenId } from '../token-id.ts'
import type { DecodeEvent, DecodeOptions } from './decode.ts'
import { settleStep } from './settle-step.ts'

/** Whether tokens are picked in a way that upstreams do not know, or each understand differently. */
export function needsOwnSampling(sampling: Sampling): boolean {
  const { minP = 0, adjustments } = sampling
  return adjustments !== undefined || (minP > 0 && !isGreedy(sampling))
}

/** From where an answer goes on. It may go on itself meanwhile: runs take a copy when they begin. */
export interface RunStart {
  /** As the upstream reads it: prompt and tokens. */
  readonly prefix: PublicTokens
  /** As the client reads it: tokens so far. */
  readonly emitted: readonly TokenId[]
}

/**
 * An unsteered answer that is picked here, token by token, instead of by the upstream:
 * the same rules as in steered answers, which no server's own stream keeps to.
 */
export async function* adjustedRun(
  options: DecodeOptions,
  start: RunStart,
  maxTokens: number,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const { upstream, steering, signal, counters } = options
  const selector = new TokenSelector({ ...options, strength: 0 })
  const sequence = new PublicSequence(start.prefix, options.guard ?? null)
  const emitted = [...start.emitted]
  const { contextTokens } = upstream.limits
  for (let count = 0; count < maxTokens && sequence.length < contextTokens; count++) {
    const asked = sequence.tokens
    counters.upstreamQueries++
    const [distribution] = await upstream.distributions({
      prefixes: [asked],
      candidates: steering.candidates,
      signal,
    })
    if (distribution === undefined) throw new RangeError('The upstream answered no prefix.')
    const step = { distribution, row: null, prefix: asked, emitted, position: emitted.length }
    const { selection } = await settleStep(options, selector, step)
    if (options.endTokens.has(selection.token)) {
      yield { type: 'decode-end', reason: 'end-token' }
      return
    }
    counters.unsteeredTokens++
    yield { type: 'token-emitted', ...selection, steered: false }
    sequence.take(selection.token)
    emitted.push(selection.token)
  }
  yield { type: 'decode-end', reason: 'length' }
}
