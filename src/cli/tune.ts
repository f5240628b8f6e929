import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parseDocument } from 'yaml'
import { readEnvironment } from '../environment.ts'
import { rowsOfProfile } from '../evaluation/dataset/own-texts.ts'
import { type LabModels, openLabModels } from '../evaluation/lab/lab-models.ts'
import { durationText } from '../evaluation/lab/remaining-time.ts'
import { runLab } from '../evaluation/lab/run-lab.ts'
import { systemName } from '../evaluation/lab/system.ts'
import { estimateText } from '../evaluation/report/estimate-text.ts'
import {
  type ChosenSetting,
  chooseSetting,
  type TriedSetting,
  type TunedSetting,
} from '../evaluation/tuning/choose-setting.ts'
import { GatewayError } from '../gateway-error.ts'
import { ProfileStore } from '../profiles/profile-store.ts'
import { shownName } from '../upstream/shown-name.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { integerFrom } from './terminal/number-option.ts'

interface TuneOptions {
  readonly config?: string
  readonly model?: string
  readonly tokens: number
  readonly sendTexts: boolean
  readonly write: boolean
  readonly json: boolean
}

const strengths = [0.25, 0.4, 0.5, 0.65, 0.8, 1]
const counts = [20, 100, 1000]
const MOST_TEXTS = 4

/** AdaCoSteer is not tuned. */
const gate = { epsilon: 0.1, consecutive: 3 }

/**
 * `costeer tune`: strength, candidates and number of past texts for a pair of models and a profile. Rejects
 * with GatewayError.
 */
export function addTuneCommand(program: Command): void {
  program
    .command('tune')
    .description(
      "Find how much a profile should count, how many candidates to ask for and how many past texts to show, from the profile's own texts, each of which is left out in turn.",
    )
    .argument('<profile>', 'a profile with past texts')
    .option('-c, --config <file>', 'configuration file (COSTEER_CONFIG; default: the one of "serve")')
    .option('-m, --model <name>', 'model (default: the first of the configuration)')
    .option('-n, --tokens <count>', 'tokens of each text that count', integerFrom(1), 160)
    .option(
      '--send-texts',
      'send the past texts to an upstream outside this program, as if they were answers',
      false,
    )
    .option('--write', 'write strength and candidates into the configuration', false)
    .option('--json', 'print the result as JSON', false)
    .action(tune)
}

async function tune(profileId: string, options: TuneOptions, command: Command): Promise<void> {
  const remark = (line: string) => writeRemark(command, line)
  const loaded = await loadCommandConfig(options.config)
  const profiles = await ProfileStore.open(loaded.profileFolder, { watch: false })
  const profile = profiles.get(profileId)
  profiles.close()
  if (profile === undefined) {
    const message = `There is no profile "${profileId}". "costeer profiles list" shows all.`
    throw new GatewayError('profile_not_found', message)
  }
  const rows = rowsOfProfile(profile)
  if (rows.length < 2) {
    const message = `The profile "${profileId}" has ${rows.length} past texts, and each can only be compared with the others. Add some under "history:".`
    throw new GatewayError('invalid_request', message)
  }
  const models = await openLabModels(loaded, {
    model: options.model,
    options: { environment: readEnvironment(), onProgress: remark },
  })
  // Token ids of private texts: they stay no longer than the command runs
  const folder = await mkdtemp(join(tmpdir(), 'costeer-tune-'))
  try {
    checkSending(models, rows.length, options)
    const { current, settings } = settingsToTry(models, rows.length)
    const { likelihoods } = await runLab({
      models,
      rows,
      systems: settings.map(systemOf),
      candidates: [...new Set(settings.map(({ candidates }) => candidates))],
      maxTextTokens: options.tokens,
      maxAnswerTokens: 0,
      temperature: 0,
      gate,
      sweepForm: null,
      folder,
      onProgress: ({ done, all, leftMs }) =>
        remark(
          `Text ${done} of ${all}${leftMs === null || done === all ? '' : `, ${durationText(leftMs)} left`} …`,
        ),
      signal: new AbortController().signal,
    })
    const results = new Map(likelihoods.map((result) => [result.system, result]))
    const tried = settings.flatMap((setting): TriedSetting[] => {
      const result = results.get(systemName(systemOf(setting)))
      return result === undefined ? [] : [{ ...setting, result }]
    })
    const choice = chooseSetting(tried, current)
    const writes = options.write && choice.verdict === 'clear'
    if (writes) await writeSetting(loaded.file, models.name, choice.chosen)
    if (options.json)
      writeJson(command, { profile: profileId, texts: rows.length, ...choice, written: writes })
    else for (const line of report(choice, rows.length, models.name)) writeLine(command, line)
    if (writes) remark(`Written to ${loaded.file}.`)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await models.close()
  }
}

/** Nothing of the profile goes to a server before its owner has allowed it. */
function checkSending({ opened }: LabModels, texts: number, { sendTexts }: TuneOptions): void {
  if (opened.config.kind === 'embedded' || sendTexts) return
  const message = `The upstream ${shownName(opened.upstream.model)} would see ${texts} past texts of the profile. Allow that with --send-texts.`
  throw new GatewayError('invalid_request', message)
}

function settingsToTry(
  { opened }: LabModels,
  texts: number,
): { readonly current: TunedSetting; readonly settings: readonly TunedSetting[] } {
  const { candidates } = opened
  const { maxCandidates } = opened.upstream.limits
  const current = { texts: Math.min(2, texts - 1), candidates, strength: opened.strength }
  const allCounts = [...new Set([...counts.filter((count) => count <= maxCandidates), candidates])]
  const allStrengths = [...new Set([...strengths, opened.strength])]
  const most = Math.min(MOST_TEXTS, texts - 1)
  const settings = Array.from({ length: most + 1 }, (_, shown) =>
    allCounts.flatMap((count) =>
      allStrengths.map((strength) => ({ texts: shown, candidates: count, strength })),
    ),
  )
  return { current, settings: settings.flat() }
}

function systemOf({ texts, ...setting }: TunedSetting) {
  return { kind: 'costeer', form: `turns:texts=${texts}`, ...setting } as const
}

/** Comments and order of the file stay. */
async function writeSetting(
  file: string,
  upstream: string,
  { strength, candidates }: TunedSetting,
): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'))
  document.setIn(['steering', 'strength'], strength)
  document.setIn(['upstreams', upstream, 'candidates'], candidates)
  await writeFile(`${file}.part`, document.toString())
  await rename(`${file}.part`, file)
}

function report({ chosen, change, verdict }: ChosenSetting, texts: number, upstream: string): string[] {
  const { strength, candidates } = chosen
  const found = [
    `Over ${texts} texts the likeliest setting is strength ${strength}, ${candidates} candidates and ${chosen.texts} past texts:`,
    `${estimateText(change)} nats a token against the setting of now (95 % interval).`,
  ]
  if (verdict === 'too-few-texts')
    return [...found, 'So few texts cannot tell: keep the setting of now, or add texts.']
  if (verdict === 'unclear') return [...found, 'That cannot be told from chance: keep the setting of now.']
  return [
    ...found,
    'In the configuration:',
    `  steering: { strength: ${strength} }`,
    `  upstreams: { ${upstream}: { candidates: ${candidates} } }`,
  ]
}
