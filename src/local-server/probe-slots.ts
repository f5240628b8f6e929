import { GatewayError } from '../gateway-error.ts'
import type { Tokenizer } from '../slm/text/tokenizer.ts'
import type { OfStreams } from './of-streams.ts'
import type { PairServer, StreamStep } from './pair-server.ts'

/** Some forty tokens each, which say nothing of anybody. */
const texts = {
  with: 'one two three four five six seven eight nine ten '.repeat(4),
  without: 'ten nine eight seven six five four three two one '.repeat(4),
}
const slots = { with: 0, without: 1 }
/** A step computes one token, and a few more where it goes back to a checkpoint. */
const CHEAP_TOKENS = 16

/**
 * Checks that both slots keep what they hold while the other one computes, and tells whether going back to an
 * earlier token is cheap, which models with recurrent layers or sliding windows may not know. Rejects with
 * GatewayError `local_model_failed`.
 */
export async function probeSlots(
  server: PairServer,
  {
    where,
    tokenizer,
    signal,
  }: { readonly where: string; readonly tokenizer: Tokenizer; readonly signal: AbortSignal },
): Promise<boolean> {
  const prompts = { with: tokenizer.encode(texts.with), without: tokenizer.encode(texts.without) }
  await server.pinned(prompts, slots, signal)
  const [next, other] = tokenizer.encode(' eleven twelve')
  if (next === undefined || other === undefined) return false
  const behind = (token: typeof next) => ({
    with: [...prompts.with, token],
    without: [...prompts.without, token],
  })
  const step = await server.together(behind(next), signal)
  if (computed(step) > CHEAP_TOKENS || isElsewhere(step)) {
    const message = `${where} empties a slot while another one computes, so that each token would take a whole prompt. Start it with -np 2 --cache-ram 0.`
    throw new GatewayError('local_model_failed', message)
  }
  return computed(await server.together(behind(other), signal)) <= CHEAP_TOKENS
}

/** A server that empties slots fills another one from its cache. */
function isElsewhere({ with: one, without: other }: OfStreams<StreamStep>): boolean {
  return (one.slot ?? slots.with) !== slots.with || (other.slot ?? slots.without) !== slots.without
}

function computed(step: OfStreams<StreamStep>): number {
  return Math.max(step.with.computedTokens, step.without.computedTokens)
}
