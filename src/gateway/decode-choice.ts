import type { Config } from '../config/schema.ts'
import type { DecodeEvent, DecodeOptions } from '../steer/decode.ts'
import type { LocalPair } from '../steer/local-pair.ts'
import { referenceLoop } from '../steer/reference-loop.ts'
import type { SteeredPrompts } from './steered-prompts.ts'

export interface SteeredChoice {
  readonly pair: LocalPair
  readonly prompts: SteeredPrompts
  readonly onFailure: Config['local']['on_failure']
}

/**
 * Decodes one choice. The local pair is opened when the first token is wanted, and closed when the consumer leaves,
 * the answer ends or anything fails.
 */
export async function* decodeChoice(
  options: Omit<DecodeOptions, 'local'>,
  steered: SteeredChoice | null,
): AsyncGenerator<DecodeEvent, void, undefined> {
  if (steered === null) {
    yield* referenceLoop({ ...options, local: null })
    return
  }
  const local = await openPair(options, steered)
  try {
    yield* referenceLoop({ ...options, local })
  } finally {
    local?.close()
  }
}

async function openPair(
  { signal, steering }: Omit<DecodeOptions, 'local'>,
  { pair, prompts, onFailure }: SteeredChoice,
) {
  try {
    return await pair.open({ ...prompts, strength: steering.strength, signal })
  } catch (failure) {
    if (signal.aborted || onFailure === 'fail') throw failure
    return null
  }
}
