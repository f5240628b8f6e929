import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultLookahead } from '../src/steer/lookahead/lookahead-settings.ts'
import { guardCost, unmatchedGuard } from './lookahead/guard-cost.ts'
import {
  type Latencies,
  type MeasuredAnswer,
  measureAnswer,
  type ReplayOptions,
} from './lookahead/measure-answer.ts'
import { noise } from './lookahead/noise.ts'
import { recordedStrength } from './lookahead/recorded-strength.ts'
import { type RecordedTrace, readTraces } from './lookahead/recorded-trace.ts'

/** Each further token of a pass of the Qwen 0.5B pair, as a share of a pass over one. */
const MEASURED_SHARE = 0.35

const usage = `npm run bench:lookahead -- [options]

Replays recorded answers through the token-by-token and the lookahead loop under simulated time.

  --traces DIR       a traces folder; may be given several times (default: ../shared/traces/dev-mild and dev)
  --json FILE        also write the results as JSON
  --setting L/R/U    local ms a pass over one token, round trip ms, upstream ms a token; may be given several times
  --chunk-share S    what each further token of a local pass costs, as a share of the first (default: ${MEASURED_SHARE},
                     measured for the Qwen 0.5B pair: 35 ms for one token, 120 ms for eight; 1: nothing is saved;
                     bench/local-trees.ts measures it on this machine)
  --drafts MODE      public or private; may be given several times (default: both)
  --spread S         standard deviation of the logarithm of every duration (default: 0)
  --pauses P         share of durations that take six times as long (default: 0)
  --crowding MS      what each query in flight adds to every upstream token (default: 0)
  --in-flight N      queries in flight at most (default: ${defaultLookahead.maxInFlight})
  --guard ROUNDS     instead: lookahead with private values that stand in no answer and without, in turns; needs the
                     tokenizer of qwen2.5-coder-0.5b`

const defaultFolders = ['../shared/traces/dev-mild', '../shared/traces/dev']
const defaultSettings = ['15/40/40', '30/40/40', '15/100/30', '27/5/40']

interface LookaheadResult {
  readonly traces: string
  readonly drafts: 'public' | 'private'
  readonly local_ms: number
  readonly rtt_ms: number
  readonly upstream_ms: number
  /** A local pass over n tokens takes local_ms * (1 + chunk_share * (n - 1)). */
  readonly chunk_share: number
  /** Milliseconds per token of the three ways to decode, each from its first query to its last token. */
  readonly token_by_token_ms: number
  readonly lookahead_ms: number
  readonly native_ms: number
  readonly queries_per_token: number
  readonly wasted_queries_per_token: number
  readonly local_rows_per_token: number
  /** Whether both loops emitted the traces' tokens. */
  readonly identical: boolean
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string', multiple: true, default: defaultFolders },
      json: { type: 'string' },
      setting: { type: 'string', multiple: true, default: defaultSettings },
      'chunk-share': { type: 'string', default: String(MEASURED_SHARE) },
      drafts: { type: 'string', multiple: true, default: ['public', 'private'] },
      spread: { type: 'string', default: '0' },
      pauses: { type: 'string', default: '0' },
      crowding: { type: 'string', default: '0' },
      'in-flight': { type: 'string', default: String(defaultLookahead.maxInFlight) },
      guard: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const maxInFlight = Number(values['in-flight'])
  const chunkShare = parseShare(values['chunk-share'])
  const [spread, pauses, crowdingMs] = [values.spread, values.pauses, values.crowding].map(Number) as [
    number,
    number,
    number,
  ]
  const settings = values.setting.map((text) => ({ ...parseSetting(text, chunkShare), crowdingMs }))
  if (values.guard !== undefined) {
    const rounds = Number(values.guard)
    return compareGuards(values.traces, { rounds, settings, maxInFlight, noise: noise({ spread, pauses }) })
  }
  const results: LookaheadResult[] = []
  console.log(headings.map((heading) => heading.padStart(11)).join(''))
  for (const folder of values.traces) {
    const traces = await readTraces(folder)
    const strength = recordedStrength(traces)
    for (const drafts of values.drafts.map(parseDrafts)) {
      for (const latencies of settings) {
        const result = await measure(traces, {
          strength,
          latencies,
          noise: noise({ spread, pauses }),
          maxInFlight,
          lookahead: { ...defaultLookahead, maxInFlight, drafts },
        })
        const named = { traces: basename(resolve(folder)), drafts, ...result }
        console.log(tableRow(named))
        results.push(named)
      }
    }
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)
}

async function compareGuards(
  folders: readonly string[],
  {
    rounds,
    settings,
    ...options
  }: Pick<ReplayOptions, 'maxInFlight' | 'noise'> & { rounds: number; settings: readonly Latencies[] },
): Promise<void> {
  const guard = await unmatchedGuard('qwen2.5-coder-0.5b')
  for (const folder of folders) {
    const traces = await readTraces(folder)
    const strength = recordedStrength(traces)
    const lookahead = { ...defaultLookahead, maxInFlight: options.maxInFlight, drafts: 'public' as const }
    for (const latencies of settings) {
      const replay = { ...options, strength, latencies, lookahead, loop: 'lookahead' as const, guard }
      console.log(
        `${basename(resolve(folder))} ${latencies.localMs}/${latencies.rttMs}/${latencies.upstreamMs}`,
      )
      console.table(await guardCost(traces, replay, rounds))
    }
  }
}

async function measure(
  traces: readonly RecordedTrace[],
  options: Omit<ReplayOptions, 'loop'>,
): Promise<Omit<LookaheadResult, 'traces' | 'drafts'>> {
  const { localMs, rttMs, upstreamMs, chunkShare } = options.latencies
  const reference: MeasuredAnswer[] = []
  const ahead: MeasuredAnswer[] = []
  const native: MeasuredAnswer[] = []
  for (const trace of traces) {
    reference.push(await measureAnswer(trace, { ...options, loop: 'token-by-token' }))
    ahead.push(await measureAnswer(trace, { ...options, loop: 'lookahead' }))
    native.push(await measureAnswer(trace, { ...options, loop: 'native' }))
  }
  const perToken = (answers: readonly MeasuredAnswer[], count: (answer: MeasuredAnswer) => number) =>
    rounded(sum(answers.map(count)) / sum(answers.map(({ tokens }) => tokens)))
  return {
    local_ms: localMs,
    rtt_ms: rttMs,
    upstream_ms: upstreamMs,
    chunk_share: chunkShare,
    token_by_token_ms: perToken(reference, ({ totalMs }) => totalMs),
    lookahead_ms: perToken(ahead, ({ totalMs }) => totalMs),
    native_ms: perToken(native, ({ totalMs }) => totalMs),
    queries_per_token: perToken(ahead, ({ queries }) => queries),
    wasted_queries_per_token: perToken(ahead, ({ wastedQueries }) => wastedQueries),
    local_rows_per_token: perToken(ahead, ({ localRows }) => localRows),
    identical: [...reference, ...ahead].every(({ identical }) => identical),
  }
}

const headings = [
  'traces',
  'drafts',
  'L/R/U ms',
  'by token',
  'lookahead',
  'speed-up',
  'of native',
  'queries',
  'wasted',
  'rows',
  'identical',
]

function tableRow(result: LookaheadResult): string {
  const cells = [
    result.traces,
    result.drafts,
    `${result.local_ms}/${result.rtt_ms}/${result.upstream_ms}`,
    result.token_by_token_ms.toFixed(1),
    result.lookahead_ms.toFixed(2),
    (result.token_by_token_ms / result.lookahead_ms).toFixed(2),
    (result.native_ms / result.lookahead_ms).toFixed(2),
    result.queries_per_token.toFixed(2),
    result.wasted_queries_per_token.toFixed(2),
    result.local_rows_per_token.toFixed(2),
    result.identical ? 'yes' : 'NO',
  ]
  return cells.map((cell) => cell.padStart(11)).join('')
}

function parseSetting(text: string, chunkShare: number): Omit<Latencies, 'crowdingMs'> {
  const [localMs, rttMs, upstreamMs] = text.split('/').map(Number)
  if (![localMs, rttMs, upstreamMs].every((ms) => ms !== undefined && ms >= 0)) {
    throw new RangeError(`--setting ${text}: expected three durations such as 15/40/40`)
  }
  return { localMs: localMs as number, chunkShare, rttMs: rttMs as number, upstreamMs: upstreamMs as number }
}

function parseShare(text: string): number {
  const share = Number(text)
  if (!(share >= 0)) throw new RangeError(`--chunk-share ${text}: expected a number of at least 0`)
  return share
}

function parseDrafts(text: string): 'public' | 'private' {
  if (text === 'public' || text === 'private') return text
  throw new RangeError(`--drafts ${text}: expected public or private`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4
}

await main()
