import type { DecodeEvent, DecodeOptions } from '../../steer/decoding/decode.ts'
import { referenceLoop } from '../../steer/decoding/reference-loop.ts'
import type { LocalContinuation, LocalPair } from '../../steer/local-pair.ts'
import { lookaheadLoop } from '../../steer/lookahead/lookahead-loop.ts'
import type { LookaheadSettings } from '../../steer/lookahead/lookahead-settings.ts'
import type { ThrottleState } from '../../steer/lookahead/planning/speculation-throttle.ts'
import type { DecodeReport } from '../answer.ts'
import type { SteeredPrompts } from '../prompts/steered-prompts.ts'

export interface ChoiceOptions {
  /** Null for a plain upstream answer. */
  readonly steered: {
    readonly pair: LocalPair
    readonly prompts: SteeredPrompts
    /** Told which share of the prompts is read, [0, 1]. */
    readonly onRead?: ((share: number) => void) | undefined
  } | null
  /** Asked when decoding begins; null decodes token by token. */
  readonly lookahead: () => LookaheadSettings | null
  /** Called once for an answer that looked ahead, however it ends, before `onFinish`. */
  readonly onLookaheadEnd: (throttle: ThrottleState) => void
  /** Called once, however the answer ends. */
  readonly onFinish: (report: DecodeReport) => void
}

/**
 * Decodes one choice. The local pair computes its prompts from when the first token is wanted, while the
 * upstream is asked already; it is closed when the consumer leaves, the answer ends or anything fails.
 */
export async function* decodeChoice(
  options: Omit<DecodeOptions, 'local'>,
  { steered, onLookaheadEnd, onFinish, ...choice }: ChoiceOptions,
): AsyncGenerator<DecodeEvent, void, undefined> {
  const opening = steered === null ? null : new OpeningPair(options, steered)
  try {
    const decode = { ...options, local: opening?.local ?? null }
    const lookahead = choice.lookahead()
    yield* lookahead === null
      ? referenceLoop(decode)
      : lookaheadLoop(decode, lookahead, { onEnd: onLookaheadEnd })
  } finally {
    opening?.close()
    const { cachedTokens = 0, computedTokens = 0 } = opening?.prefill ?? {}
    onFinish({
      ...options.counters,
      cachedPrefillTokens: cachedTokens,
      computedPrefillTokens: computedTokens,
    })
  }
}

/** A local pair that may be left before it has computed its prompts. */
class OpeningPair {
  readonly local: Promise<LocalContinuation>
  #opened: LocalContinuation | null = null
  readonly #leaving = new AbortController()

  constructor(
    { signal, steering }: Omit<DecodeOptions, 'local'>,
    { pair, prompts, onRead }: NonNullable<ChoiceOptions['steered']>,
  ) {
    this.local = pair.open({
      ...prompts,
      strength: steering.strength,
      ...(onRead === undefined ? {} : { onRead }),
      signal: AbortSignal.any([signal, this.#leaving.signal]),
    })
    this.local.then(
      (local) => {
        this.#opened = local
        if (this.#leaving.signal.aborted) local.close()
      },
      // The decode loop tells of it, if anybody still reads.
      () => {},
    )
  }

  get prefill(): LocalContinuation['prefill'] | null {
    return this.#opened?.prefill ?? null
  }

  close(): void {
    this.#leaving.abort()
    this.#opened?.close()
  }
}
