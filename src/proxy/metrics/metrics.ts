// This room owns the names, labels and bounds of all metrics. It must not know how what they count is done,
// and no label holds a client's text.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { DecodeReport } from '../../gateway/answer.ts'
import type { Cost } from '../../gateway/costs/answer-cost.ts'
import type { AlignmentReport } from '../../gateway/opening/upstream-alignment.ts'
import type { AnswerRecord, RequestRecord } from '../request/request-record.ts'

export interface Metrics {
  readonly registry: Registry
  requestStarted(): void
  requestFinished(record: RequestRecord): void
  /** For the layers below; pass it down as a callback. */
  decodeFinished(report: Partial<DecodeReport>): void
  /** Likewise: by how many upstream queries the number in flight has changed. */
  queriesInFlight(change: number): void
  /** Likewise: what was spent at an upstream with a price. */
  spent(cost: Cost): void
  /** Likewise: how far an upstream's vocabulary is covered by the local model's, once it is open. */
  alignmentOpened(report: AlignmentReport): void
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120]
// The bounds that OpenTelemetry's GenAI conventions name for each instrument.
const requestSeconds = Array.from({ length: 14 }, (_, i) => 0.01 * 2 ** i)
const firstTokenSeconds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]
const tokenSeconds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]
const inFlightBounds = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64]
const tokenCounts = Array.from({ length: 14 }, (_, i) => 4 ** i)

/** Registers the HTTP layer's metrics; names follow OpenTelemetry (dots as underscores) where it has one. */
export function createMetrics(registry: Registry): Metrics {
  const http = httpInstruments(registry)
  const answers = answerInstruments(registry)
  const decode = decodeInstruments(registry)
  return {
    registry,
    requestStarted: () => http.active.inc(),
    requestFinished(record) {
      http.active.dec()
      const { method, route, status, error, steering, answer } = record
      http.requests.inc({ method, route, status, steering, error_type: error ?? '' })
      http.duration.observe(
        { http_request_method: method, http_route: route, http_response_status_code: status },
        record.durationMs / 1000,
      )
      if (answer !== null) observeAnswer(answers, record, answer)
    },
    decodeFinished({ inFlightAtTokens, ...counts }) {
      for (const [name, count] of Object.entries(counts)) decode.counters[name as CountedName].inc(count)
      const { steeredTokens = 0 } = counts
      if (inFlightAtTokens !== undefined && steeredTokens > 0) {
        decode.window.observe(inFlightAtTokens / steeredTokens)
      }
    },
    queriesInFlight: (change) => decode.inFlight.inc(change),
    spent({ amount, inTokens, cachedTokens, outTokens }) {
      decode.spent.inc(amount)
      decode.pricedTokens.inc({ kind: 'in' }, inTokens)
      decode.pricedTokens.inc({ kind: 'cached' }, cachedTokens)
      decode.pricedTokens.inc({ kind: 'out' }, outTokens)
    },
    alignmentOpened({ upstream, tokens, probability }) {
      decode.coverage.set({ upstream, of: 'tokens' }, tokens)
      if (probability !== null) decode.coverage.set({ upstream, of: 'probability' }, probability)
    },
  }
}

function observeAnswer(
  instruments: ReturnType<typeof answerInstruments>,
  { durationMs, error }: RequestRecord,
  answer: AnswerRecord,
): void {
  const labels = { gen_ai_request_model: answer.model, steering: answer.steering }
  const { promptTokens, completionTokens, firstTextMs, decodeMs } = answer
  instruments.tokens.observe({ ...labels, gen_ai_token_type: 'input' }, promptTokens)
  instruments.tokens.observe({ ...labels, gen_ai_token_type: 'output' }, completionTokens)
  instruments.duration.observe({ ...labels, error_type: error ?? '' }, durationMs / 1000)
  if (firstTextMs !== null) instruments.firstToken.observe(labels, firstTextMs / 1000)
  if (error === null && decodeMs !== null && completionTokens > 1) {
    instruments.perToken.observe(labels, decodeMs / 1000 / (completionTokens - 1))
  }
}

function httpInstruments(registry: Registry) {
  const registers = [registry]
  return {
    active: new Gauge({ name: 'http_server_active_requests', help: 'Requests under way.', registers }),
    requests: new Counter({
      name: 'costeer_requests_total',
      help: 'Finished requests.',
      labelNames: ['method', 'route', 'status', 'steering', 'error_type'],
      registers,
    }),
    duration: new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'From arrival to the last byte.',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: seconds,
      registers,
    }),
  }
}

function answerInstruments(registry: Registry) {
  const registers = [registry]
  const histogram = <T extends string>(name: string, help: string, buckets: number[], ...extra: T[]) =>
    new Histogram({
      name,
      help,
      buckets,
      labelNames: ['gen_ai_request_model', 'steering', ...extra] as const,
      registers,
    })
  return {
    duration: histogram(
      'gen_ai_server_request_duration_seconds',
      'From arrival to the last token.',
      requestSeconds,
      'error_type',
    ),
    firstToken: histogram(
      'gen_ai_server_time_to_first_token_seconds',
      'From arrival to the first text.',
      firstTokenSeconds,
    ),
    perToken: histogram(
      'gen_ai_server_time_per_output_token_seconds',
      'Mean time of each token after the first.',
      tokenSeconds,
    ),
    tokens: histogram('gen_ai_client_token_usage', 'Tokens of an answer.', tokenCounts, 'gen_ai_token_type'),
  }
}

type CountedName = Exclude<keyof DecodeReport, 'inFlightAtTokens'>

function decodeInstruments(registry: Registry) {
  const registers = [registry]
  return {
    counters: decodeCounters(registry),
    inFlight: new Gauge({
      name: 'costeer_upstream_queries_in_flight',
      help: 'Positions being asked of upstreams now.',
      registers,
    }),
    spent: new Counter({
      name: 'costeer_spent_total',
      help: 'What answers cost at upstreams with a price, in its currency.',
      registers,
    }),
    pricedTokens: new Counter({
      name: 'costeer_priced_tokens_total',
      help: 'Tokens that upstreams with a price were sent, and sent back.',
      labelNames: ['kind'],
      registers,
    }),
    coverage: new Gauge({
      name: 'costeer_alignment_coverage',
      help: 'Share of an upstream that takes deltas from the local model, where their vocabularies differ.',
      labelNames: ['upstream', 'of'],
      registers,
    }),
    window: new Histogram({
      name: 'costeer_lookahead_queries_in_flight',
      help: 'Queries in flight when a token was settled, mean of an answer.',
      buckets: inFlightBounds,
      registers,
    }),
  }
}

/** An answer may have chosen what steering made less likely. */
function atLeastZero(metric: { inc(by: number): void }): { inc(by: number): void } {
  return { inc: (by) => metric.inc(Math.max(0, by)) }
}

function decodeCounters(registry: Registry): Record<CountedName, { inc(by: number): void }> {
  const counter = (name: string, help: string, labels: Record<string, string> = {}) => {
    const metric =
      (registry.getSingleMetric(name) as Counter | undefined) ??
      new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] })
    return { inc: (by: number) => metric.inc(labels, by) }
  }
  const tokens = (kind: string) => counter('costeer_tokens_total', 'Emitted tokens.', { kind })
  const guesses = (outcome: string) => counter('costeer_guesses_total', 'Lookahead guesses.', { outcome })
  const prefill = (cache: string) =>
    counter('costeer_prefill_tokens_total', 'Prompt tokens of the local streams.', { cache })
  const candidates = (delta: string) =>
    counter('costeer_candidates_total', 'Candidates of steered tokens, by what delta they had.', { delta })
  return {
    steeredTokens: tokens('steered'),
    unsteeredTokens: tokens('unsteered'),
    coveredMass: counter(
      'costeer_covered_mass_total',
      "The upstream's probability at tokens that take deltas from the local model, summed over steered tokens.",
    ),
    knownCandidates: candidates('own'),
    neutralCandidates: candidates('neutral'),
    uncertifiedSteps: counter(
      'costeer_uncertified_steps_total',
      'Steps that a token outside the candidates might have won.',
    ),
    acceptedGuesses: guesses('accepted'),
    rejectedGuesses: guesses('rejected'),
    leakBits: atLeastZero(
      counter(
        'costeer_leak_bits_total',
        'What the choice of tokens tells about profiles, in bits: log2 of how much likelier steering made them.',
      ),
    ),
    throttledTokens: counter(
      'costeer_speculation_throttled_tokens_total',
      'Steered tokens that lookahead decoded without guesses, which had slowed it down.',
    ),
    upstreamQueries: counter('costeer_upstream_queries_total', 'Positions asked of upstreams.'),
    cachedPrefillTokens: prefill('hit'),
    computedPrefillTokens: prefill('miss'),
  }
}
