import fc from 'fast-check'
import { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { defaultLookahead, type LookaheadSettings } from '../../../src/steer/lookahead/lookahead-settings.ts'
import { initialThrottle } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { letterVocabulary, randomModel, type TableModel } from '../table-models.ts'
import { SimulatedContinuation, type SimulatedPairOptions } from './simulated-pair.ts'
import { SimulatedUpstream, type SimulatedUpstreamOptions } from './simulated-upstream.ts'

const SIZE = 9
const vocabulary = letterVocabulary(SIZE)
export const prompt = unguarded([3, 1, 4].map(tokenId))

/** Everything that a simulated answer depends on. */
export interface Scenario {
  readonly seed: number
  /** How far the local model and the profile are from the upstream's opinion. */
  readonly disagreement: number
  readonly strength: number
  readonly candidates: number
  readonly fidelity: 'top-k' | 'exact'
  readonly gate: { readonly epsilon: number; readonly consecutive: number } | null
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly alternatives: number
  readonly ends: boolean
  readonly maxTokens: number
  readonly lookahead: LookaheadSettings
  readonly maxInFlight: number
  readonly localMs: number
  /** How long the prompts take; null when they were computed before the answer begins. */
  readonly prefillMs: number | null
  readonly upstreamMs: number
  /** Relative spread of all durations, 0 to 1. */
  readonly jitter: number
}

/** A plain greedy answer to vary. */
export const plain: Scenario = {
  seed: 11,
  disagreement: 1,
  strength: 1,
  candidates: 9,
  fidelity: 'top-k',
  gate: null,
  temperature: 0,
  topP: 1,
  topK: 0,
  alternatives: 0,
  ends: false,
  maxTokens: 16,
  lookahead: defaultLookahead,
  maxInFlight: 8,
  localMs: 3,
  prefillMs: null,
  upstreamMs: 10,
  jitter: 0.5,
}

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  disagreement: fc.constantFrom(0.3, 1, 3),
  strength: fc.constantFrom(0, 0.5, 2),
  candidates: fc.integer({ min: 1, max: SIZE }),
  fidelity: fc.constantFrom('top-k', 'exact'),
  gate: fc.constantFrom(null, { epsilon: 0.7, consecutive: 2 }),
  temperature: fc.constantFrom(0, 0.7, 1.3),
  topP: fc.constantFrom(0.6, 1),
  topK: fc.constantFrom(0, 3),
  alternatives: fc.constantFrom(0, 2),
  ends: fc.boolean(),
  maxTokens: fc.integer({ min: 1, max: 16 }),
  lookahead: fc.record({
    drafts: fc.constantFrom('public', 'private'),
    maxInFlight: fc.integer({ min: 1, max: 8 }),
    maxTokensPerQuery: fc.constantFrom(1, 2, 16),
    leastGain: fc.constantFrom(0, defaultLookahead.leastGain),
    throttle: fc.record({
      throttled: fc.boolean(),
      period: fc.constantFrom(initialThrottle.period, 64),
      tokensLeft: fc.nat({ max: 12 }),
    }),
  }),
  maxInFlight: fc.integer({ min: 1, max: 8 }),
  localMs: fc.constantFrom(0, 3, 20),
  prefillMs: fc.constantFrom(null, 0, 30, 400),
  upstreamMs: fc.constantFrom(0, 10, 50),
  jitter: fc.constantFrom(0, 0.9),
})

export interface SimulatedAnswer {
  readonly options: DecodeOptions
  readonly time: VirtualTime
  readonly upstream: SimulatedUpstream
  readonly local: SimulatedContinuation
  readonly without: TableModel
}

/** A fresh pair of models and a clock; equal scenarios differ in nothing but durations drawn anew. */
export function simulate(
  scenario: Scenario,
  change: {
    decode?: Partial<DecodeOptions>
    upstream?: Partial<SimulatedUpstreamOptions>
    local?: Partial<SimulatedPairOptions>
  } = {},
): SimulatedAnswer {
  const time = new VirtualTime()
  const random = generator(scenario.seed)
  const spread = () => 1 + scenario.jitter * (2 * random() - 1)
  const { base, without, delta } = models(scenario)
  const upstream = new SimulatedUpstream({
    model: base,
    vocabulary: scenario.ends ? vocabulary : { ...vocabulary, endTokens: new Set() },
    time,
    maxInFlight: scenario.maxInFlight,
    latencyMs: (step) => scenario.upstreamMs * (step === 0 ? 2 : 1) * spread(),
    ...change.upstream,
  })
  const local = new SimulatedContinuation({
    without,
    delta,
    strength: scenario.strength,
    time,
    passMs: (tokens) => (scenario.localMs / 2) * (1 + tokens) * spread(),
    ...change.local,
  })
  return {
    options: decodeOptions(scenario, {
      upstream,
      local: scenario.prefillMs === null ? local : time.after(scenario.prefillMs).then(() => local),
      clock: time,
      ...change.decode,
    }),
    time,
    upstream,
    local,
    without,
  }
}

function models({ seed, disagreement }: Scenario): {
  base: TableModel
  without: TableModel
  delta: TableModel
} {
  const shared = randomModel(seed, SIZE, 4)
  const own = randomModel(seed + 1, SIZE, disagreement)
  const delta = randomModel(seed + 2, SIZE, disagreement)
  return {
    base: shared,
    // The local model sees the answer only, so it reads as much context as the table needs.
    without: (answer) => {
      const sequence = [...prompt, ...answer]
      return shared(sequence).map((logit, id) => logit + (own(sequence)[id] ?? 0))
    },
    delta,
  }
}

function decodeOptions(
  scenario: Scenario,
  change: Pick<DecodeOptions, 'upstream' | 'local' | 'clock'> & Partial<DecodeOptions>,
): DecodeOptions {
  const { seed, temperature, topP, topK, strength, candidates, fidelity, gate } = scenario
  return {
    prompt,
    steering: { strength, candidates, fidelity, gate, onLocalFailure: 'fail' },
    sampling: { temperature, topP, topK, seed },
    alternatives: scenario.alternatives,
    channels: null,
    endTokens: scenario.ends ? vocabulary.endTokens : new Set(),
    maxTokens: scenario.maxTokens,
    trace: false,
    counters: newDecodeCounters(),
    signal: new AbortController().signal,
    ...change,
  }
}

/** All events, or the first `limit`, after which the consumer leaves. */
export async function take(
  events: AsyncIterable<DecodeEvent>,
  limit = Number.POSITIVE_INFINITY,
): Promise<DecodeEvent[]> {
  const taken: DecodeEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length >= limit) break
  }
  return taken
}

export function tokensOf(events: readonly DecodeEvent[]) {
  return events.flatMap((event) => (event.type === 'token-emitted' ? [event.token] : []))
}

/** A small generator of uniform numbers (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
}
