import { readEnvironment } from '../../src/environment.ts'
import { unguarded } from '../../src/guard/public.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { pullModel } from '../../src/models/pull.ts'
import { startEngine } from '../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../src/slm/pair/open-local-pair.ts'
import type { Distribution } from '../../src/steer/distribution.ts'
import type { LocalPair, LocalRow } from '../../src/steer/local-pair.ts'
import { greedy, type Sampling } from '../../src/steer/sampling/sampling.ts'
import { TokenSelector } from '../../src/steer/sampling/token-selector.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { openLlamaCpp } from '../../src/upstream/llama-cpp/open.ts'
import { madeUpTokens } from '../local/measured-pair.ts'
import { startFastUpstream } from '../programs/gateway-process.ts'
import { type Relay, startRelay } from '../programs/relay.ts'
import { type CurvePoint, type GrowthCurve, MODEL } from './growth-curve.ts'

const counts = [20, 50, 100, 200, 500, 1000]
const quickCounts = [20, 100]
const ROUNDS = 60
const QUICK_ROUNDS = 3
/** Tokens of both prompts. */
const WITH = 300
const WITHOUT = 50
/** Selections that are timed together, since one is too short. */
const SELECTIONS = 20
const sampled: Sampling = { temperature: 0.8, topP: 0.95, topK: 0, seed: 1 }

/** What the parts of one step cost; the best round counts, and all K take turns in each. */
interface StepParts {
  readonly stepMs: number
  readonly greedyMs: number
  readonly sampledMs: number
  readonly askedMs: number
  readonly receivedBytes: number
}

/** A step in its parts: the local pair, the fusion, and a distribution as llama.cpp writes it. */
export const candidateCount: GrowthCurve = {
  name: 'candidates',
  axis: 'candidates (K)',
  async measure({ quick, say }) {
    const model = await pullModel(MODEL, { environment: readEnvironment() })
    const { vocabulary } = await readModelText(model)
    const fast = await startFastUpstream(MODEL, { inFull: true })
    const relay = await startRelay({ target: fast.url, roundTripMs: 0 })
    const upstream = await openLlamaCpp({ url: relay.url, vocabulary })
    const engine = startEngine()
    try {
      const pair = await openLocalPair({ engine, graph: await prepareModel(model), cacheBytes: 0 })
      const points = quick ? quickCounts : counts
      say(`K of ${points.join(', ')}, in turns`)
      const rounds = quick ? QUICK_ROUNDS : ROUNDS
      return await measureInTurns(points, { rounds, pair, upstream, relay })
    } finally {
      await engine.close()
      await upstream.close()
      await relay.close()
      await fast.stop()
    }
  },
}

interface Measured {
  readonly rounds: number
  readonly pair: LocalPair
  readonly upstream: Upstream
  /** In front of the upstream. */
  readonly relay: Relay
}

async function measureInTurns(
  points: readonly number[],
  { rounds, pair, upstream, relay }: Measured,
): Promise<CurvePoint[]> {
  const { signal } = new AbortController()
  const prompts = { with: madeUpTokens(WITH, 1), without: madeUpTokens(WITHOUT, 2) }
  const continuation = await pair.open({ ...prompts, strength: 1, signal })
  let row = continuation.root
  let best = new Map<number, StepParts>()
  for (let round = 0; round < rounds; round++) {
    const now = new Map<number, StepParts>()
    for (const candidates of points) {
      const [token] = madeUpTokens(1, round)
      const prefixes = [unguarded(madeUpTokens(WITHOUT, round))]
      const bytesBefore = relay.receivedBytes
      const asked = await timed(() => upstream.distributions({ prefixes, candidates, signal }))
      const receivedBytes = relay.receivedBytes - bytesBefore
      const step = await timed(() => continuation.feed(row, token === undefined ? [] : [token]))
      row = step.result[0] ?? row
      continuation.retain(row)
      const distribution = asked.result[0] as Distribution
      const parts = { greedyMs: fusionMs(distribution, row, greedy), receivedBytes }
      const sampledMs = fusionMs(distribution, row, sampled)
      now.set(candidates, { ...parts, sampledMs, stepMs: step.ms, askedMs: asked.ms })
    }
    best = round === 0 ? now : lesser(best, now)
  }
  continuation.close()
  return Array.from(best, ([at, parts]) => ({
    at,
    figures: {
      'step of the pair, ms': parts.stepMs,
      'fusion greedy, ms': parts.greedyMs,
      'fusion sampled, ms': parts.sampledMs,
      'upstream, ms': parts.askedMs,
      'from the upstream, bytes a token': parts.receivedBytes,
    },
  }))
}

/** Of each part the lesser of two rounds, which other programs have disturbed less. */
function lesser(
  before: ReadonlyMap<number, StepParts>,
  now: ReadonlyMap<number, StepParts>,
): Map<number, StepParts> {
  return new Map(
    Array.from(now, ([candidates, one]) => {
      const other = before.get(candidates) ?? one
      const least = (part: keyof StepParts) => Math.min(one[part], other[part])
      const ms = { stepMs: least('stepMs'), askedMs: least('askedMs'), greedyMs: least('greedyMs') }
      return [candidates, { ...ms, sampledMs: least('sampledMs'), receivedBytes: least('receivedBytes') }]
    }),
  )
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const before = performance.now()
  const result = await work()
  return { result, ms: performance.now() - before }
}

/** From distribution and deltas to a token, the check of what lies outside the candidates included. */
function fusionMs(distribution: Distribution, row: LocalRow, sampling: Sampling): number {
  const selector = new TokenSelector({ strength: 1, sampling, alternatives: 0 })
  const before = performance.now()
  for (let position = 0; position < SELECTIONS; position++) selector.select(distribution, row, position)
  return (performance.now() - before) / SELECTIONS
}
