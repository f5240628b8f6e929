import { expect, test } from 'vitest'
import { AnswerCost } from '../../../src/gateway/costs/answer-cost.ts'
import { pairWithinBudget } from '../../../src/gateway/costs/pair-within-budget.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { defaultLookahead } from '../../../src/steer/lookahead/lookahead-settings.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { meteredUpstream } from '../../../src/upstream/wrappers/metered-upstream.ts'
import { letterVocabulary, randomModel, TableUpstream, tableContinuation } from '../../steer/table-models.ts'

const SIZE = 9
const vocabulary = letterVocabulary(SIZE)

/** Decodes 40 tokens; a query costs as much as it has tokens, and what comes back hardly anything. */
async function decoded(limit: number | null, loop: (options: DecodeOptions) => AsyncIterable<DecodeEvent>) {
  const cost = new AnswerCost({
    price: { in: 1_000_000, out: 1_000 },
    limits: { perAnswer: limit, daily: null },
    spentToday: () => 0,
    onSpent: () => {},
  })
  const signal = new AbortController().signal
  const pair = pairWithinBudget(
    {
      contextTokens: 100,
      open: async () => tableContinuation(randomModel(8, SIZE, 4)),
      close: async () => {},
    },
    cost,
  )
  const events: DecodeEvent[] = []
  for await (const event of loop({
    local: pair.open({ with: [], without: [], strength: 1, signal }),
    prompt: unguarded(Array.from({ length: 30 }, () => tokenId(3))),
    steering: { strength: 1, candidates: SIZE, fidelity: 'top-k', gate: null, onLocalFailure: 'fail' },
    sampling: greedy,
    alternatives: 0,
    channels: null,
    endTokens: new Set(),
    maxTokens: 40,
    clock: performance,
    trace: false,
    counters: newDecodeCounters(),
    signal,
    upstream: meteredUpstream(new TableUpstream(randomModel(7, SIZE, 4), vocabulary), cost),
  }))
    events.push(event)
  return events.flatMap((event) => (event.type === 'token-emitted' ? [event] : []))
}

/** Each with a limit that its tokens come near. */
const loops = [
  ['token by token', 1_500, referenceLoop],
  [
    'with lookahead',
    1_500,
    (options: DecodeOptions) =>
      lookaheadLoop(
        options,
        { ...defaultLookahead, maxInFlight: 1, maxTokensPerQuery: 1 },
        { onEnd: () => {} },
      ),
  ],
] as const

test.each(loops)('an answer whose money runs short goes on unsteered, %s', async (_, limit, loop) => {
  const whole = await decoded(null, loop)
  expect(whole.every(({ steered }) => steered)).toBe(true)
  const short = await decoded(limit, loop)
  const steered = short.filter((event) => event.steered)
  expect(steered.length).toBeGreaterThan(0)
  expect(short.length).toBeGreaterThan(steered.length)
  expect(steered.map(({ token }) => token)).toEqual(whole.slice(0, steered.length).map(({ token }) => token))
})

test.each(loops)('an answer whose money is spent ends with a word, %s', async (_, __, loop) => {
  await expect(decoded(60, loop)).rejects.toMatchObject({ code: 'budget_spent' })
})
