// Answers: what systems write themselves. This room owns generating, keeping and scoring answers; what a
// score means is in ../scores. It must decode as the gateway does, and in no way of its own.

import type { DatasetRow } from '../dataset/dataset-row.ts'
import { bootstrapMean, type Estimate } from '../statistics/paired-bootstrap.ts'
import type { AnswerRecord } from './answer-record.ts'
import { type AnswerScores, type ScoreName, scoreAnswer, scoreNames } from './score-answer.ts'

/** A score of a system over all rows that call for it. */
interface ScoreSummary {
  readonly rows: number
  readonly value: Estimate
  /** Against the plain upstream's answers to the same rows; null where it gave none. */
  readonly change: Estimate | null
}

export interface SystemScores {
  readonly system: string
  readonly scores: Readonly<Partial<Record<ScoreName, ScoreSummary>>>
}

export interface ScoredAnswer {
  readonly record: AnswerRecord
  readonly scores: AnswerScores
}

/** Scores the answers to rows, and compares each system's with those of the plain upstream. */
export function studyAnswers(
  rows: readonly DatasetRow[],
  records: readonly AnswerRecord[],
): { readonly answers: readonly ScoredAnswer[]; readonly systems: readonly SystemScores[] } {
  const rowOf = new Map(rows.map((row) => [row.id, row]))
  const plain = new Map(
    records.filter(({ system }) => system === 'upstream').map((record) => [record.row, record]),
  )
  const answers = records.flatMap((record): ScoredAnswer[] => {
    const row = rowOf.get(record.row)
    return row === undefined ? [] : [{ record, scores: scoreAnswer(record, row, plain.get(record.row)) }]
  })
  const plainScores = new Map(
    answers
      .filter(({ record }) => record.system === 'upstream')
      .map(({ record, scores }) => [record.row, scores]),
  )
  const names = [...new Set(records.map(({ system }) => system))]
  const systems = names.map((system): SystemScores => {
    const own = answers.filter(({ record }) => record.system === system)
    const scores = scoreNames.flatMap((name) => {
      const summary = summaryOf(own, name, system === 'upstream' ? new Map() : plainScores)
      return summary === null ? [] : [[name, summary] as const]
    })
    return { system, scores: Object.fromEntries(scores) }
  })
  return { answers, systems }
}

function summaryOf(
  answers: readonly ScoredAnswer[],
  name: ScoreName,
  plain: ReadonlyMap<string, AnswerScores>,
): ScoreSummary | null {
  const values: number[] = []
  const changes: number[] = []
  for (const { record, scores } of answers) {
    const value = scores[name]
    if (value === null) continue
    values.push(value)
    const from = plain.get(record.row)?.[name]
    if (from !== null && from !== undefined) changes.push(value - from)
  }
  if (values.length === 0) return null
  return {
    rows: values.length,
    value: bootstrapMean(values),
    change: changes.length === 0 ? null : bootstrapMean(changes),
  }
}
