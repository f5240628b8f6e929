import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { type LookaheadSettings, plannerSettings } from '../../../src/steer/lookahead/lookahead-settings.ts'
import type { RecordedEvent } from '../../../src/steer/lookahead/recorded-event.ts'
import { type ReplayedQuery, replayQueries } from '../../../src/steer/lookahead/replay-queries.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { topK } from '../table-models.ts'
import { type SimulatedAnswer, take, tokensOf } from './simulated-answer.ts'
import { publicGuesses } from './simulated-pair.ts'

export interface ReplayedAnswer {
  readonly emitted: readonly TokenId[]
  readonly events: readonly RecordedEvent[]
  /** What the answer must have asked, by public facts alone. */
  readonly replayed: Promise<readonly ReplayedQuery[]>
}

/** Runs an answer, whose events are written down, and replays its queries from public facts. */
export async function replayedAnswer(
  { options, time, upstream, without }: SimulatedAnswer,
  lookahead: LookaheadSettings,
): Promise<ReplayedAnswer> {
  const events: RecordedEvent[] = []
  const emitted = tokensOf(
    await time.run(take(lookaheadLoop(options, lookahead, { record: (event) => events.push(event) }))),
  )
  const replayed = replayQueries({
    settings: plannerSettings(options, lookahead),
    channels: options.channels,
    guard: options.guard ?? null,
    emitted,
    events,
    models: {
      guesses: async (answer) => publicGuesses(without, answer),
      step: async (prefix) => {
        const distribution = topK(upstream.tableModel(prefix), options.steering.candidates)
        return { token: tokenId(distribution.ids[0] as number), distribution }
      },
    },
  })
  return { emitted, events, replayed }
}

/** The prefixes that were sent, and how many tokens each asked for at most. */
export function sends(queries: readonly ReplayedQuery[]) {
  return queries.flatMap((query) =>
    query.type === 'send-query' ? [{ prefix: query.prefix, maxTokens: query.maxTokens }] : [],
  )
}
