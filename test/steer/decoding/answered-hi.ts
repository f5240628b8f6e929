import type { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import type { ScoreAdjustments } from '../../../src/steer/sampling/score-adjustments.ts'
import { texts, tokens, vocabulary } from '../guard/noor-and-sammy.ts'
import { take } from '../lookahead/simulated-answer.ts'

interface Answered extends Pick<DecodeOptions, 'upstream' | 'local' | 'guard' | 'alternatives'> {
  /** c */
  readonly strength: number
  readonly adjustments: ScoreAdjustments
}

/** The events of a greedy answer behind "Hi", token by token, in `time`. */
export function answeredHi(
  time: VirtualTime,
  { strength, adjustments, ...own }: Answered,
): Promise<DecodeEvent[]> {
  const [Hi] = tokens
  return time.run(
    take(
      referenceLoop({
        ...own,
        prompt: unguarded([Hi]),
        steering: {
          strength,
          candidates: texts.length,
          fidelity: 'top-k',
          gate: null,
          onLocalFailure: 'fail',
        },
        sampling: { ...greedy, adjustments },
        channels: null,
        endTokens: vocabulary.endTokens,
        maxTokens: 8,
        clock: time,
        trace: false,
        counters: newDecodeCounters(),
        signal: new AbortController().signal,
      }),
    ),
  )
}
