// This room owns how much of a profile a reader of the upstream's requests learns: the attacks, what was
// sent, and the report. It must not change how an answer is made.

import { factShare } from '../../src/evaluation/scores/fact-share.ts'
import { rouge } from '../../src/evaluation/scores/rouge.ts'
import { bootstrapMean, type Estimate } from '../../src/evaluation/statistics/paired-bootstrap.ts'
import { FormMatcher } from '../../src/guard/matching/form-matcher.ts'
import { allForms, type PrivateKind, type PrivateValue } from '../../src/guard/private-value.ts'
import type { AnswerRecord, GuessRecord, LeakLog, LikelihoodRecord } from './leak-log.ts'
import { type PrivateRow, valuesIn } from './private-row.ts'

interface Share {
  readonly found: number
  readonly of: number
}

/** What the users wrote, under answers at temperature 1. */
interface TextLikelihoods {
  readonly rows: number
  /** Nats a token of what may come with the guard, and the change by it, over rows. */
  readonly nats: Readonly<Record<'off' | 'on' | 'change', Estimate>>
  /** Private values that may come with the guard, of all that stand there, and nats of those that may. */
  readonly values: Share & { readonly off: number | null; readonly on: number | null }
  /** Other tokens that may not come with the guard. */
  readonly closed: Share
}

export interface LeakReport {
  /** Rows that were answered both ways. */
  readonly rows: number
  /** Private values of which a form stands in what was sent upstream. */
  readonly sent: Readonly<Record<'off' | 'on', Readonly<Record<string, Share>>>>
  /** Those of them that the client said itself. */
  readonly asked: Share
  /** Private values of which a form stands in what the client read. */
  readonly read: Readonly<Record<'off' | 'on', Share>>
  /** The answers' ROUGE-L against what the users wrote, and the change of it by the guard, over rows. */
  readonly rougeL: Readonly<Record<'off' | 'on' | 'change', Estimate>>
  readonly facts: Readonly<Record<'off' | 'on' | 'change', Estimate>>
  /** Answers that are the same to the letter. */
  readonly sameText: Share
  /** Null where it was not measured. */
  readonly likelihood: TextLikelihoods | null
  /** Right guesses of attributes. */
  readonly guessed: Readonly<Record<string, Readonly<Record<GuessRecord['from'], Share>>>>
}

export function leakReport(rows: readonly PrivateRow[], log: LeakLog): LeakReport {
  const answered = rows.flatMap((row) => {
    const off = log.answer(row.id, false)
    const on = log.answer(row.id, true)
    return off === undefined || on === undefined ? [] : [{ row, off, on }]
  })
  const mode = (name: 'off' | 'on') => answered.map(({ row, ...both }) => ({ row, answer: both[name] }))
  const compared = (score: (row: PrivateRow, answer: AnswerRecord) => number) => {
    const off = mode('off').map(({ row, answer }) => score(row, answer))
    const on = mode('on').map(({ row, answer }) => score(row, answer))
    const change = on.map((value, index) => value - (off[index] ?? 0))
    return { off: bootstrapMean(off), on: bootstrapMean(on), change: bootstrapMean(change) }
  }
  return {
    rows: answered.length,
    sent: { off: sentShares(mode('off')), on: sentShares(mode('on')) },
    asked: summed(answered.map(({ row }) => shareOf(valuesOf(row), [row.query]))),
    read: {
      off: summed(mode('off').map(({ row, answer }) => shareOf(valuesOf(row), [answer.text]))),
      on: summed(mode('on').map(({ row, answer }) => shareOf(valuesOf(row), [answer.text]))),
    },
    rougeL: compared((row, { text }) => rouge(text, row.reference).rougeL),
    facts: compared((row, { text }) => factShare(text, { profile: row.profile, request: row.query }).all),
    sameText: { found: answered.filter(({ off, on }) => off.text === on.text).length, of: answered.length },
    likelihood: textLikelihoods(log.records.filter((one) => one.kind === 'likelihood')),
    guessed: guessShares(log, new Set(answered.map(({ row }) => row.id))),
  }
}

function textLikelihoods(records: readonly LikelihoodRecord[]): TextLikelihoods | null {
  if (records.length === 0) return null
  const open = records.map(({ steps }) =>
    steps.flatMap(({ on, ...step }) => (on === null ? [] : { ...step, on })),
  )
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const perToken = (way: 'off' | 'on') =>
    open.map((steps) => sum(steps.map((step) => step[way])) / sum(steps.map(({ tokens }) => tokens)))
  const [off, on] = [perToken('off'), perToken('on')]
  const steps = records.flatMap((record) => record.steps)
  const values = open.flat().filter(({ isValue }) => isValue)
  const mean = (all: readonly number[]) => (all.length === 0 ? null : sum(all) / all.length)
  const others = steps.filter(({ isValue }) => !isValue)
  return {
    rows: records.length,
    nats: {
      off: bootstrapMean(off),
      on: bootstrapMean(on),
      change: bootstrapMean(on.map((value, row) => value - (off[row] as number))),
    },
    values: {
      found: values.length,
      of: steps.length - others.length,
      off: mean(values.map((value) => value.off)),
      on: mean(values.map((value) => value.on)),
    },
    closed: { found: others.filter((step) => step.on === null).length, of: others.length },
  }
}

function sentShares(
  answers: readonly { readonly row: PrivateRow; readonly answer: AnswerRecord }[],
): Record<string, Share> {
  const kinds = new Set(answers.flatMap(({ row }) => valuesOf(row).map(({ kind }) => kind)))
  const ofKind = (kind: PrivateKind) =>
    summed(
      answers.map(({ row, answer }) =>
        shareOf(
          valuesOf(row).filter((value) => value.kind === kind),
          answer.sent,
        ),
      ),
    )
  const byKind = [...kinds].map((kind) => [kind, ofKind(kind)] as const)
  return { ...Object.fromEntries(byKind), all: summed(byKind.map(([, share]) => share)) }
}

function guessShares(log: LeakLog, rows: ReadonlySet<string>): LeakReport['guessed'] {
  const shares: Record<string, Record<GuessRecord['from'], Share>> = {}
  for (const record of log.records) {
    if (record.kind !== 'guess' || !rows.has(record.row)) continue
    const none = { found: 0, of: 0 }
    shares[record.attribute] ??= { nothing: none, 'guard-off': none, 'guard-on': none }
    const own = shares[record.attribute] as Record<GuessRecord['from'], Share>
    const { found, of } = own[record.from]
    own[record.from] = { found: found + Number(record.right), of: of + 1 }
  }
  return shares
}

/** Each text once. */
function valuesOf({ declared, patterns }: PrivateRow): PrivateValue[] {
  const known = new FormMatcher(declared.flatMap(allForms))
  const others = new Map(patterns.map((value) => [value.value, value]))
  return [...declared, ...[...others.values()].filter(({ value }) => known.find(value).length === 0)]
}

function shareOf(values: readonly PrivateValue[], texts: readonly string[]): Share {
  return { found: valuesIn(values, texts).length, of: values.length }
}

function summed(shares: readonly Share[]): Share {
  return shares.reduce((a, b) => ({ found: a.found + b.found, of: a.of + b.of }), { found: 0, of: 0 })
}
