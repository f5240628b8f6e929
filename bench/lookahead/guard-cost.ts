import { readEnvironment } from '../../src/environment.ts'
import { tokenGuard } from '../../src/gateway/guarding/token-guard.ts'
import { makeGuard } from '../../src/guard/make-guard.ts'
import type { PrivateValue } from '../../src/guard/private-value.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { pullModel } from '../../src/models/pull.ts'
import { runWhole } from '../../src/sliced-work.ts'
import type { DecodeGuard } from '../../src/steer/guard/decode-guard.ts'
import { tokenId } from '../../src/steer/token-id.ts'
import { type MeasuredAnswer, measureAnswer, type ReplayOptions } from './measure-answer.ts'
import type { RecordedTrace } from './recorded-trace.ts'
import { recordedToken } from './replayed-path.ts'

/** What many people would declare; none of it stands in the recorded answers. */
const values: readonly PrivateValue[] = [
  { kind: 'person', value: 'Ingeborg Vandersteen', forms: ['Ingeborg', 'Vandersteen', 'I. Vandersteen'] },
  { kind: 'person', value: 'Tjorven Vandersteen', forms: ['Tjorven'] },
  { kind: 'place', value: 'Stromness', forms: [] },
  { kind: 'place', value: 'Ouddorp', forms: [] },
  { kind: 'address', value: '14 Kerkstraat', forms: [] },
  { kind: 'organisation', value: 'Vandersteen Orgels', forms: [] },
  { kind: 'phone', value: '+31 187 681 204', forms: [] },
  { kind: 'email', value: 'ingeborg@vandersteen.example', forms: [] },
  { kind: 'date', value: '9 February 1961', forms: [] },
  { kind: 'number', value: '60417733', forms: [] },
]

/** One way to decode all the answers, in all rounds. */
export interface GuardedCost {
  readonly guard: 'off' | 'on'
  /** Of simulated time. */
  readonly ms_per_token: number
  readonly queries_per_token: number
  readonly local_rows_per_token: number
  /** Of the tokens with a guess, those that it was. */
  readonly accepted: number
  /** Of real time, the replayed models' own work included: the least of the rounds. */
  readonly processor_us_per_token: number
  readonly identical: boolean
}

/** A guard whose values stand in none of the answers, in the tokens of a model of this machine. */
export async function unmatchedGuard(model: string): Promise<DecodeGuard> {
  const text = await readModelText(await pullModel(model, { environment: readEnvironment() }))
  const { vocabulary } = text
  const guard = makeGuard({ values, texts: [], secret: new Uint8Array(32), conversation: 'bench' })
  return {
    ...runWhole(tokenGuard({ guard, masksPrompt: false, gaps: [] }, text)),
    vocabulary: { ...vocabulary, bytes: (token) => vocabulary.bytes(tokenId(recordedToken(token))) },
  }
}

/** Decodes the answers with the guard and without, in turns. */
export async function guardCost(
  traces: readonly RecordedTrace[],
  { guard, ...options }: ReplayOptions & { readonly guard: DecodeGuard },
  rounds: number,
): Promise<GuardedCost[]> {
  const ways = [
    { name: 'off', options },
    { name: 'on', options: { ...options, guard } },
  ] as const
  const best: Record<'off' | 'on', number> = { off: Number.POSITIVE_INFINITY, on: Number.POSITIVE_INFINITY }
  const answers: Record<'off' | 'on', readonly MeasuredAnswer[]> = { off: [], on: [] }
  for (let round = 0; round < rounds; round++) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const began = process.cpuUsage()
      const measured: MeasuredAnswer[] = []
      for (const trace of traces) measured.push(await measureAnswer(trace, way.options))
      const { user, system } = process.cpuUsage(began)
      best[way.name] = Math.min(best[way.name], user + system)
      answers[way.name] = measured
    }
  }
  return ways.map(({ name }) => costOf(name, answers[name], best[name]))
}

function costOf(guard: 'off' | 'on', answers: readonly MeasuredAnswer[], processorUs: number): GuardedCost {
  const total = (count: (answer: MeasuredAnswer) => number) =>
    answers.reduce((sum, answer) => sum + count(answer), 0)
  const tokens = total((answer) => answer.tokens)
  const accepted = total((answer) => answer.acceptedGuesses)
  return {
    guard,
    ms_per_token: total((answer) => answer.totalMs) / tokens,
    queries_per_token: total((answer) => answer.queries) / tokens,
    local_rows_per_token: total((answer) => answer.localRows) / tokens,
    accepted: accepted / (accepted + total((answer) => answer.rejectedGuesses)),
    processor_us_per_token: processorUs / tokens,
    identical: answers.every((answer) => answer.identical),
  }
}
