import type { DecodeEvent, DecodeOptions } from '../steer/decode.ts'
import type { LocalPair } from '../steer/local-pair.ts'
import { lookaheadLoop } from '../steer/lookahead/lookahead-loop.ts'
import type { LookaheadSettings } from '../steer/lookahead/lookahead-settings.ts'
import { referenceLoop } from '../steer/reference-loop.ts'
import type { DecodeReport } from './answer.ts'
import type { SteeredPrompts } from './steered-prompts.ts'

export interface ChoiceOptions {
  /** Null for a plain upstream answer. */
  readonly steered: { readonly pair: LocalPair; readonly prompts: SteeredPrompts } | null
  /** Null decodes token by token. */
  readonly lookahead: LookaheadSettings | null
  /** Called once, however the answer ends. */
  readonly onFinish: (report: DecodeReport) => void
}

/**
 * Decodes one choice. The local pair is opened when the first token is wanted, and closed when the consumer leaves,
 * the answer ends or anything fails.
 */
export async function* decodeChoice(
  options: Omit<DecodeOptions, 'local'>,
  { steered, lookahead, onFinish }: ChoiceOptions,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const local = steered === null ? null : await openPair(options, steered)
  try {
    const decode = { ...options, local }
    yield* lookahead === null ? referenceLoop(decode) : lookaheadLoop(decode, lookahead)
  } finally {
    local?.close()
    const { cachedTokens = 0, computedTokens = 0 } = local?.prefill ?? {}
    onFinish({
      ...options.counters,
      cachedPrefillTokens: cachedTokens,
      computedPrefillTokens: computedTokens,
    })
  }
}

async function openPair(
  { signal, steering }: Omit<DecodeOptions, 'local'>,
  { pair, prompts }: NonNullable<ChoiceOptions['steered']>,
) {
  try {
    return await pair.open({ ...prompts, strength: steering.strength, signal })
  } catch (failure) {
    if (signal.aborted || steering.onLocalFailure === 'fail') throw failure
    return null
  }
}
