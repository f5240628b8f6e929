import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readEnvironment } from '../../environment.ts'
import type { DatasetRow } from '../../evaluation/dataset/dataset-row.ts'
import { readDataset } from '../../evaluation/dataset/read-dataset.ts'
import { privateForm } from '../../evaluation/forms/private-form.ts'
import { type LabModels, openLabModels } from '../../evaluation/lab/lab-models.ts'
import { remainingTime } from '../../evaluation/lab/remaining-time.ts'
import { type ForcedRow, forceRow } from '../../evaluation/likelihood/force-row.ts'
import { ForcedTextStore } from '../../evaluation/likelihood/forced-text-store.ts'
import { type LikelihoodResult, LikelihoodStudy } from '../../evaluation/likelihood/likelihood-study.ts'
import type { Estimate } from '../../evaluation/statistics/paired-bootstrap.ts'
import { GatewayError } from '../../gateway-error.ts'
import { loadCommandConfig } from '../setup/config-file.ts'
import { writeLine, writeRemark } from '../terminal/command-output.ts'
import { createPullProgress } from '../terminal/pull-progress.ts'

export interface DatasetTrialOptions {
  readonly dataset: string
  readonly config?: string
  readonly model?: string
  /** The run's folder. */
  readonly out: string
  readonly rows: number
  readonly tokens: number
  readonly candidates: readonly number[]
  readonly strengths: readonly number[]
  readonly form: readonly string[]
  readonly ceiling: boolean
  readonly sendTexts: boolean
}

/** `costeer eval --dataset`: systems side by side on requests whose answers users really wrote. Rejects with GatewayError. */
export async function runDatasetTrial(options: DatasetTrialOptions, command: Command): Promise<void> {
  const remark = (line: string) => writeRemark(command, line)
  const rows = await readDataset(options.dataset, { count: options.rows })
  const loaded = await loadCommandConfig(options.config)
  const progress = createPullProgress({
    writeLine: remark,
    ...(process.stderr.isTTY && { terminal: process.stderr }),
  })
  const models = await openLabModels(loaded, {
    model: options.model,
    options: { environment: readEnvironment(), onPull: progress.show, onProgress: remark },
  }).finally(progress.stop)
  try {
    checkSending(models, options)
    await mkdir(options.out, { recursive: true })
    const forced = await forceRows(rows, models, options, remark)
    await report(forced, options, command)
  } finally {
    await models.close()
  }
}

/** What the dataset holds of its users goes to no server before somebody has allowed it. */
function checkSending({ opened }: LabModels, { sendTexts }: DatasetTrialOptions): void {
  if (opened.config.kind === 'embedded' || sendTexts) return
  const message = `The upstream ${opened.upstream.model} would see the dataset's texts, and its profiles unless --no-ceiling is given. Allow that with --send-texts.`
  throw new GatewayError('invalid_request', message)
}

async function forceRows(
  rows: readonly DatasetRow[],
  models: LabModels,
  options: DatasetTrialOptions,
  remark: (line: string) => void,
): Promise<ForcedRow[]> {
  const forms = options.form.map(privateForm)
  const candidates = Math.min(Math.max(...options.candidates), models.opened.upstream.limits.maxCandidates)
  const store = new ForcedTextStore(join(options.out, 'forced'))
  const began = performance.now()
  const forced: ForcedRow[] = []
  for (const row of rows) {
    forced.push(
      await forceRow(row, {
        models,
        store,
        forms,
        ceilings: options.ceiling ? forms.slice(-1) : [],
        maxTokens: options.tokens,
        candidates,
        signal: new AbortController().signal,
      }),
    )
    const left = remainingTime({ done: forced.length, all: rows.length }, performance.now() - began)
    remark(`Row ${forced.length} of ${rows.length}, ${left} left …`)
  }
  return forced
}

async function report(
  rows: readonly ForcedRow[],
  options: DatasetTrialOptions,
  command: Command,
): Promise<void> {
  const study = new LikelihoodStudy(rows, { ceiling: options.ceiling ? (options.form.at(-1) ?? null) : null })
  const results: LikelihoodResult[] = []
  for (const candidates of options.candidates) {
    const ceiling = study.ceiling(candidates)
    results.push(study.control(candidates), ...(ceiling === null ? [] : [ceiling]))
    results.push(study.localWithout(candidates))
    for (const form of options.form) {
      results.push(study.localWith(form, candidates))
      for (const strength of options.strengths) results.push(study.steered({ form, candidates, strength }))
    }
  }
  const lines = results.flatMap(({ system, nats, rawNats }) =>
    rows.map(({ id }, row) => JSON.stringify({ row: id, system, rawNats: rawNats[row], nats: nats[row] })),
  )
  await writeFile(join(options.out, 'likelihood.jsonl'), `${lines.join('\n')}\n`)
  writeLine(
    command,
    '| system | raw nats | raw change | strict change | of the ceiling | choices changed | 1/T |',
  )
  writeLine(command, '|---|---|---|---|---|---|---|')
  for (const result of results) writeLine(command, tableRow(result))
}

function tableRow({ system, rawNats, raw, strict, ofCeiling, changed, sharpness }: LikelihoodResult): string {
  const mean = rawNats.reduce((sum, value) => sum + value, 0) / rawNats.length
  const share = ofCeiling === null ? '' : interval(ofCeiling, (value) => `${(100 * value).toFixed(0)} %`)
  const cells = [
    system,
    mean.toFixed(3),
    interval(raw),
    interval(strict),
    share,
    `${(100 * changed).toFixed(1)} %`,
    sharpness.toFixed(2),
  ]
  return `| ${cells.join(' | ')} |`
}

function interval({ mean, low, high }: Estimate, shown = (value: number) => value.toFixed(3)): string {
  return `${shown(mean)} [${shown(low)}, ${shown(high)}]`
}
