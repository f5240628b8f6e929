// This room owns answers replayed under a clock of their own: recorded models that take the times they are
// given. It must not decode in a way of its own.

import { unguarded } from '../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../src/steer/decoding/reference-loop.ts'
import type { DecodeGuard } from '../../src/steer/guard/decode-guard.ts'
import { lookaheadLoop } from '../../src/steer/lookahead/lookahead-loop.ts'
import type { LookaheadSettings } from '../../src/steer/lookahead/lookahead-settings.ts'
import { greedy } from '../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../src/steer/token-id.ts'
import { guardedUpstream } from '../../src/upstream/wrappers/guarded-upstream.ts'
import type { RecordedTrace } from './recorded-trace.ts'
import { ReplayedContinuation } from './replayed-pair.ts'
import { ReplayedUpstream } from './replayed-upstream.ts'
import { VirtualTime } from './virtual-time.ts'

export interface Latencies {
  readonly localMs: number
  /** What each further token of a local pass costs, as a share of `localMs`. */
  readonly chunkShare: number
  readonly rttMs: number
  readonly upstreamMs: number
  /** What each query in flight adds to every token of the upstream. */
  readonly crowdingMs: number
}

export interface ReplayOptions {
  readonly strength: number
  readonly latencies: Latencies
  /** A factor for each duration, drawn anew each time; null for none. */
  readonly noise: (() => number) | null
  readonly maxInFlight: number
  readonly lookahead: LookaheadSettings
  /** `token-by-token` runs the reference loop, `native` the upstream's own free run. */
  readonly loop: 'lookahead' | 'token-by-token' | 'native'
  /** Left out for none. */
  readonly guard?: DecodeGuard
}

export interface MeasuredAnswer {
  /** From the first query to the last token. */
  readonly totalMs: number
  readonly tokens: number
  readonly queries: number
  /** Queries of which no answer helped to settle an emitted token. */
  readonly wastedQueries: number
  readonly localRows: number
  /** Tokens that had been guessed, and that had been guessed otherwise. */
  readonly acceptedGuesses: number
  readonly rejectedGuesses: number
  /** Whether the trace's own tokens were emitted; the free run emits others. */
  readonly identical: boolean
}

/** Replays one recorded answer under simulated time through a decode loop. */
export async function measureAnswer(trace: RecordedTrace, options: ReplayOptions): Promise<MeasuredAnswer> {
  const time = new VirtualTime()
  const { localMs, chunkShare, rttMs, upstreamMs, crowdingMs } = options.latencies
  const jitter = options.noise ?? (() => 1)
  const shared = { trace, time, jitter }
  const upstream = new ReplayedUpstream({
    ...shared,
    latency: { rttMs, stepMs: upstreamMs, crowdingMs },
    maxInFlight: options.maxInFlight,
    ...(options.guard === undefined ? {} : { vocabulary: options.guard.vocabulary }),
  })
  const local = new ReplayedContinuation({
    ...shared,
    tokenMs: localMs,
    chunkShare,
    strength: options.strength,
  })
  const guard = options.guard ?? null
  const decode = decodeOptions(trace, {
    upstream: guard === null ? upstream : guardedUpstream(upstream, guard),
    local,
    strength: options.strength,
    clock: time,
    guard,
  })
  const events = decoded(decode, options)
  const { tokens, totalMs } = await time.run(collect(events, time))
  if (upstream.inFlight > 0) throw new Error('queries are left in flight')
  return {
    totalMs,
    tokens: tokens.length,
    queries: upstream.queries.length,
    wastedQueries: upstream.queries.filter((query) => !helped(query, trace)).length,
    localRows: local.rows,
    acceptedGuesses: decode.counters.acceptedGuesses,
    rejectedGuesses: decode.counters.rejectedGuesses,
    identical:
      tokens.length === trace.steps.length && tokens.every((token, i) => token === trace.steps[i]?.token),
  }
}

function decoded(decode: DecodeOptions, { loop, lookahead }: ReplayOptions): AsyncIterable<DecodeEvent> {
  if (loop === 'token-by-token') return referenceLoop(decode)
  return lookaheadLoop(loop === 'native' ? { ...decode, local: null } : decode, lookahead)
}

function decodeOptions(
  trace: RecordedTrace,
  change: { strength: number } & Pick<DecodeOptions, 'upstream' | 'local' | 'clock' | 'guard'>,
): DecodeOptions {
  const { strength, ...models } = change
  return {
    ...models,
    prompt: unguarded(trace.prompt.map(tokenId)),
    steering: {
      strength,
      candidates: 10_000,
      fidelity: 'top-k',
      gate: null,
      onLocalFailure: 'fail',
    },
    sampling: greedy,
    alternatives: 0,
    channels: null,
    endTokens: new Set(),
    maxTokens: trace.steps.length,
    trace: false,
    counters: newDecodeCounters(),
    signal: new AbortController().signal,
  }
}

async function collect(events: AsyncIterable<DecodeEvent>, time: VirtualTime) {
  const tokens: number[] = []
  let totalMs = 0
  for await (const event of events) {
    if (event.type !== 'token-emitted') continue
    tokens.push(event.token)
    totalMs = time.now()
  }
  return { tokens, totalMs }
}

/** Whether the query started on the recorded path and told something before it was cancelled. */
function helped({ prefix, answered }: ReplayedUpstream['queries'][number], trace: RecordedTrace): boolean {
  const answer = prefix.slice(trace.prompt.length)
  return answered > 0 && answer.every((token, i) => token === trace.steps[i]?.token)
}
