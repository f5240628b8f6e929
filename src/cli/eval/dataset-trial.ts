import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { readEnvironment } from '../../environment.ts'
import type { DatasetRow } from '../../evaluation/dataset/dataset-row.ts'
import { readDataset } from '../../evaluation/dataset/read-dataset.ts'
import { privateForm } from '../../evaluation/forms/private-form.ts'
import { type LabModels, openLabModels } from '../../evaluation/lab/lab-models.ts'
import { durationText } from '../../evaluation/lab/remaining-time.ts'
import { type LabProgress, runLab } from '../../evaluation/lab/run-lab.ts'
import { type SystemKind, systemsOf } from '../../evaluation/lab/system.ts'
import { htmlReport } from '../../evaluation/report/html-report.ts'
import {
  likelihoodTable,
  markdownLines,
  scoreTable,
  sweepTable,
} from '../../evaluation/report/report-tables.ts'
import { GatewayError } from '../../gateway-error.ts'
import { shownName } from '../../upstream/shown-name.ts'
import { loadCommandConfig } from '../installation/config-file.ts'
import { writeJson, writeLine, writeRemark } from '../terminal/command-output.ts'
import { createPullProgress } from '../terminal/pull-progress.ts'

/** AdaCoSteer as published, for configurations without a gate. */
const publishedGate = { epsilon: 0.1, consecutive: 3 }

export interface DatasetTrialOptions {
  readonly dataset: string
  readonly config?: string
  readonly model?: string
  /** The run's folder. */
  readonly out: string
  readonly rows: number
  readonly tokens: number
  /** Tokens of generated answers; 0 generates none. */
  readonly answers: number
  readonly temperature: number
  readonly candidates: readonly number[]
  readonly strengths: readonly number[]
  readonly systems: readonly SystemKind[]
  readonly form: readonly string[]
  /** The form in which the upstream would get the profile. */
  readonly ceilingForm?: string
  /** Whether the published parameters are swept too. */
  readonly sweep: boolean
  readonly sendTexts: boolean
  readonly json: boolean
}

/**
 * `costeer eval --dataset`: systems side by side on requests whose answers users really wrote. Rejects with
 * GatewayError.
 */
export async function runDatasetTrial(options: DatasetTrialOptions, command: Command): Promise<void> {
  const remark = (line: string) => writeRemark(command, line)
  const rows = await readDataset(options.dataset, { count: options.rows })
  checkReferences(rows, options)
  const ceilingForm = options.ceilingForm ?? options.form.at(-1) ?? 'turns'
  for (const form of [...options.form, ceilingForm]) privateForm(form)
  const { systems: kinds, form: forms, strengths, candidates } = options
  const systems = systemsOf({ kinds, forms, strengths, candidates, ceilingForm })
  const loaded = await loadCommandConfig(options.config)
  const progress = createPullProgress({ writeLine: remark })
  const models = await openLabModels(loaded, {
    model: options.model,
    options: { environment: readEnvironment(), onPull: progress.show, onProgress: remark },
  }).finally(progress.stop)
  try {
    checkSending(models, options)
    const { gate } = loaded.config.steering
    const result = await runLab({
      models,
      rows,
      systems,
      candidates,
      maxTextTokens: options.tokens,
      maxAnswerTokens: options.answers,
      temperature: options.temperature,
      gate: gate === 'off' ? publishedGate : gate,
      sweepForm: options.sweep ? (forms.at(-1) ?? null) : null,
      folder: options.out,
      onProgress: (step) => remark(progressLine(step)),
      signal: new AbortController().signal,
    })
    const report = join(options.out, 'report.html')
    await writeFile(
      report,
      htmlReport(result, rows, { title: 'costeer eval', settings: settingLines(options, models) }),
    )
    const { likelihoods, sweep, scores } = result
    if (options.json) writeJson(command, { likelihoods, sweep, scores })
    else {
      for (const table of [likelihoodTable(likelihoods), sweepTable(sweep), scoreTable(scores)]) {
        if (table.rows.length > 0) writeLine(command, [...markdownLines(table), ''].join('\n'))
      }
    }
    remark(`The whole report: ${report}`)
  } finally {
    await models.close()
  }
}

/** A likelihood is one of what the user wrote. */
function checkReferences(rows: readonly DatasetRow[], { dataset, tokens }: DatasetTrialOptions): void {
  const bare = rows.find(({ reference }) => reference === '')
  if (tokens === 0 || bare === undefined) return
  const message = `Row ${bare.id} of ${dataset} has no reference. Give it one, or leave likelihoods out with --tokens 0.`
  throw new GatewayError('invalid_request', message)
}

/** What the dataset holds of its users goes to no server before somebody has allowed it. */
function checkSending({ opened }: LabModels, { sendTexts, systems }: DatasetTrialOptions): void {
  if (opened.config.kind === 'embedded' || sendTexts) return
  const profiles = systems.includes('upstream-with-profile') ? ' and profiles' : ''
  const message = `The upstream ${shownName(opened.upstream.model)} would see the dataset's texts${profiles}. Allow that with --send-texts.`
  throw new GatewayError('invalid_request', message)
}

function progressLine({ stage, done, all, leftMs }: LabProgress): string {
  const left = done === all || leftMs === null ? '' : `, ${durationText(leftMs)} left`
  const what = stage === 'likelihood' ? 'Likelihoods' : 'Answers'
  return `${what}: row ${done} of ${all}${left} …`
}

function settingLines(options: DatasetTrialOptions, { opened, local }: LabModels): string[] {
  return [
    `Upstream ${shownName(opened.upstream.model)}, local model ${shownName(local.name)}`,
    `${options.rows} rows of ${basename(options.dataset)}`,
    options.tokens === 0 ? 'No likelihoods' : `Likelihoods of ${options.tokens} tokens of each text`,
    options.answers === 0
      ? 'No answers generated'
      : `Answers of at most ${options.answers} tokens at temperature ${options.temperature}`,
  ]
}
