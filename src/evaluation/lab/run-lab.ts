// Lab: systems side by side on requests whose answers users really wrote. This room owns a run: its models,
// its systems, its order and what it leaves in its folder. It must not know HTTP or the command line, and
// the product's answers never depend on it.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GateSettings } from '../../steer/strength/gate.ts'
import { AnswerLog } from '../answers/answer-log.ts'
import type { AnswerRecord } from '../answers/answer-record.ts'
import type { ScoredAnswer, SystemScores } from '../answers/answer-study.ts'
import { studyAnswers } from '../answers/answer-study.ts'
import { generateAnswer } from '../answers/generate-answer.ts'
import type { DatasetRow } from '../dataset/dataset-row.ts'
import { privateForm } from '../forms/private-form.ts'
import { type ForcedRow, forceRow } from '../likelihood/force-row.ts'
import { ForcedTextStore } from '../likelihood/forced-text-store.ts'
import { type LikelihoodResult, LikelihoodStudy } from '../likelihood/likelihood-study.ts'
import type { LabModels } from './lab-models.ts'
import { parameterSweep, type SweepPoint } from './parameter-sweep.ts'
import { RemainingTime } from './remaining-time.ts'
import { type System, systemName } from './system.ts'

export interface LabOptions {
  readonly models: LabModels
  readonly rows: readonly DatasetRow[]
  readonly systems: readonly System[]
  /** Each K at which likelihoods are computed. */
  readonly candidates: readonly number[]
  /** Tokens of the users' texts that count for the likelihood, from their beginnings; 0 asks for none. */
  readonly maxTextTokens: number
  /** Tokens of generated answers; 0 generates none. */
  readonly maxAnswerTokens: number
  readonly temperature: number
  readonly gate: GateSettings
  /** The form in which the published parameters are swept; null sweeps none. */
  readonly sweepForm: string | null
  /** Where the run is kept: what models said is not asked again. */
  readonly folder: string
  /** Told after each row. */
  readonly onProgress: (progress: LabProgress) => void
  readonly signal: AbortSignal
}

export interface LabProgress {
  readonly stage: 'likelihood' | 'answers'
  readonly done: number
  readonly all: number
  /** What the rest will take; null while nobody knows. */
  readonly leftMs: number | null
}

export interface SweptPoint {
  readonly point: SweepPoint
  readonly result: LikelihoodResult
}

export interface LabResult {
  readonly likelihoods: readonly LikelihoodResult[]
  /** Each of the published parameters by itself, at the largest K; empty unless asked for. */
  readonly sweep: readonly SweptPoint[]
  readonly answers: readonly ScoredAnswer[]
  readonly scores: readonly SystemScores[]
}

/**
 * Runs systems side by side over the rows of a dataset. In its folder the run leaves `likelihood.jsonl` and
 * `scores.jsonl`, a line a row and system each, and `answers.jsonl` and `forced/`, from which it goes on
 * after a break. Rejects with GatewayError.
 */
export async function runLab(options: LabOptions): Promise<LabResult> {
  await mkdir(options.folder, { recursive: true })
  const study = options.maxTextTokens === 0 ? null : await likelihoodStudy(options)
  const likelihoods = study === null ? [] : await likelihoodsOf(study, options)
  const { answers, systems } = await answersOf(options)
  await writeLines(join(options.folder, 'scores.jsonl'), answers.map(scoreLine))
  const sweep = study === null ? [] : sweepOf(study, options)
  return { likelihoods, sweep, answers, scores: systems }
}

async function likelihoodStudy(options: LabOptions): Promise<LikelihoodStudy> {
  const { systems, gate } = options
  const forced = await forceRows(options)
  const ceiling = systems.find(({ kind }) => kind === 'upstream-with-profile')
  const form = ceiling !== undefined && 'form' in ceiling ? ceiling.form : null
  return new LikelihoodStudy(forced, { ceiling: form, gate })
}

/** Settings of the same c are computed once. */
function sweepOf(study: LikelihoodStudy, { sweepForm: form, candidates }: LabOptions): SweptPoint[] {
  if (form === null) return []
  const count = Math.max(...candidates)
  const known = new Map<number, LikelihoodResult>()
  return parameterSweep().flatMap((point) => {
    const { strength } = point
    const [result] = known.has(strength)
      ? [known.get(strength)]
      : study.result({ kind: 'costeer', form, strength, candidates: count }, count)
    if (result === undefined) return []
    known.set(strength, result)
    return [{ point, result }]
  })
}

async function likelihoodsOf(
  study: LikelihoodStudy,
  { systems, candidates, rows, folder }: LabOptions,
): Promise<LikelihoodResult[]> {
  const results = candidates.flatMap((count) => [
    ...study.controls(count),
    ...systems
      .filter((system) => !('candidates' in system) || system.candidates === count)
      .flatMap((system) => study.result(system, count)),
  ])
  const lines = results.flatMap(({ system, candidates: count, nats, rawNats }) =>
    rows.map(({ id }, index) => ({
      row: id,
      system,
      candidates: count,
      rawNats: rawNats[index],
      nats: nats[index],
    })),
  )
  await writeLines(join(folder, 'likelihood.jsonl'), lines)
  return results
}

async function forceRows(options: LabOptions): Promise<ForcedRow[]> {
  const { rows, systems, models, folder, signal } = options
  const formsOf = (wanted: (kind: System['kind']) => boolean) => {
    const names = systems.flatMap((system) => ('form' in system && wanted(system.kind) ? [system.form] : []))
    return [...new Set(names)].map(privateForm)
  }
  const store = new ForcedTextStore(join(folder, 'forced'))
  const { maxCandidates } = models.opened.upstream.limits
  const time = new RemainingTime(() => performance.now())
  const forced: ForcedRow[] = []
  for (const row of rows) {
    const before = store.computed
    forced.push(
      await forceRow(row, {
        models,
        store,
        forms: formsOf((kind) => kind !== 'upstream-with-profile'),
        ceilings: formsOf((kind) => kind === 'upstream-with-profile'),
        maxTokens: options.maxTextTokens,
        candidates: Math.min(Math.max(...options.candidates), maxCandidates),
        signal,
      }),
    )
    time.note(store.computed > before)
    const leftMs = time.forecastMs(rows.length - forced.length)
    options.onProgress({ stage: 'likelihood', done: forced.length, all: rows.length, leftMs })
  }
  return forced
}

async function answersOf(options: LabOptions): Promise<ReturnType<typeof studyAnswers>> {
  const { rows, systems, models, folder, gate, temperature, signal } = options
  if (options.maxAnswerTokens === 0) return { answers: [], systems: [] }
  const log = await AnswerLog.open(join(folder, 'answers.jsonl'))
  const time = new RemainingTime(() => performance.now())
  for (const [index, row] of rows.entries()) {
    let computed = 0
    for (const system of systems) {
      if (log.find(row.id, systemName(system)) !== undefined) continue
      const known = sameAnswer(row, system, { rows, log })
      const settings = { models, maxTokens: options.maxAnswerTokens, temperature, seed: 1, gate, signal }
      await log.add(known ?? (await generateAnswer(row, system, settings)))
      if (known === undefined) computed++
    }
    time.note(computed > 0)
    const leftMs = time.forecastMs(rows.length - index - 1)
    options.onProgress({ stage: 'answers', done: index + 1, all: rows.length, leftMs })
  }
  const ids = new Set(rows.map(({ id }) => id))
  const names = new Set(systems.map(systemName))
  return studyAnswers(
    rows,
    log.records.filter(({ row, system }) => ids.has(row) && names.has(system)),
  )
}

/** A system that knows nothing of the user answers the same request the same way. */
function sameAnswer(
  row: DatasetRow,
  system: System,
  { rows, log }: { readonly rows: readonly DatasetRow[]; readonly log: AnswerLog },
): AnswerRecord | undefined {
  if ('form' in system) return undefined
  const name = systemName(system)
  const others = rows.filter(({ query }) => query === row.query)
  const known = others.map(({ id }) => log.find(id, name)).find((record) => record !== undefined)
  return known === undefined ? undefined : { ...known, row: row.id }
}

function scoreLine({ record, scores }: ScoredAnswer): Record<string, unknown> {
  return { row: record.row, system: record.system, ...scores }
}

async function writeLines(file: string, lines: readonly unknown[]): Promise<void> {
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
