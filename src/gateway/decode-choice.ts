import type { DecodeEvent, DecodeOptions } from '../steer/decode.ts'
import type { LocalPair } from '../steer/local-pair.ts'
import { referenceLoop } from '../steer/reference-loop.ts'
import type { DecodeReport } from './answer.ts'
import type { SteeredPrompts } from './steered-prompts.ts'

export interface ChoiceOptions {
  /** Null for a plain upstream answer. */
  readonly steered: { readonly pair: LocalPair; readonly prompts: SteeredPrompts } | null
  /** Called once, however the answer ends. */
  readonly onFinish: (report: DecodeReport) => void
}

/**
 * Decodes one choice. The local pair is opened when the first token is wanted, and closed when the consumer leaves,
 * the answer ends or anything fails.
 */
export async function* decodeChoice(
  options: Omit<DecodeOptions, 'local'>,
  { steered, onFinish }: ChoiceOptions,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const local = steered === null ? null : await openPair(options, steered)
  try {
    yield* referenceLoop({ ...options, local })
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
