import { type Command, InvalidArgumentError } from 'commander'
import { readEnvironment } from '../environment.ts'
import { type SystemKind, systemKindSchema } from '../evaluation/lab/system.ts'
import type { GatewayConsole } from '../gateway/gateway-console.ts'
import { openGateway } from '../gateway/opening/open-gateway.ts'
import type { TextLikelihood } from '../gateway/strength-trial.ts'
import { GatewayError } from '../gateway-error.ts'
import type { Profile } from '../profiles/profile.ts'
import { type DatasetTrialOptions, runDatasetTrial } from './eval/dataset-trial.ts'
import { type StrengthSummary, strengthSummary } from './eval/strength-summary.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { integerFrom } from './terminal/number-option.ts'
import { createPullProgress } from './terminal/pull-progress.ts'
import { type Paint, paintFor } from './terminal/terminal-style.ts'

interface EvalOptions extends Omit<DatasetTrialOptions, 'dataset'> {
  readonly dataset?: string
  readonly config?: string
  readonly model?: string
  readonly strengths: readonly number[]
  readonly tokens: number
  readonly sendTexts: boolean
  readonly json: boolean
}

/** `costeer eval`: which strength suits a pair of models and a profile. Rejects with GatewayError. */
export function addEvalCommand(program: Command): void {
  program
    .command('eval')
    .description(
      "Find the strength at which answers are most like a profile's own past texts, each of which is left out of the profile in turn.",
    )
    .argument('[profile]', 'a profile with past texts')
    .option('--dataset <file>', 'compare systems on JSON lines of requests, answers and their users instead')
    .option('-o, --out <folder>', 'with --dataset: where the run is kept, and goes on', 'costeer-eval')
    .option('--rows <count>', 'with --dataset: rows, spread over the file', integerFrom(1), 40)
    .option('-k, --candidates <list>', 'with --dataset: candidates (K) to try', countList, [100, 1000])
    .option('--form <form...>', 'with --dataset: forms of the private prompt', ['prose', 'turns'])
    .option('--ceiling-form <form>', 'with --dataset: the form of upstream-with-profile (default: the last)')
    .option(
      '--systems <list>',
      'with --dataset: what to compare',
      systemList,
      systemKindSchema.options.filter((kind) => kind !== 'adacosteer'),
    )
    .option('--sweep', 'with --dataset: also each of the published parameters by itself', false)
    .option('--answers <tokens>', 'with --dataset: let the systems answer, so many tokens', integerFrom(0), 0)
    .option('--temperature <value>', 'with --dataset: of the answers', Number, 0)
    .option('-c, --config <file>', 'configuration file (COSTEER_CONFIG; default: the one of "serve")')
    .option('-m, --model <name>', 'model (default: the first of the configuration)')
    .option('--strengths <list>', 'strengths to try', strengthList, [0.25, 0.5, 0.75, 1, 1.5, 2])
    .option(
      '-n, --tokens <count>',
      'tokens of each text that count; with --dataset 0 leaves likelihoods out',
      integerFrom(0),
      128,
    )
    .option(
      '--send-texts',
      'send the past texts to an upstream outside this program, as if they were answers',
      false,
    )
    .option('--json', 'print the figures as JSON', false)
    .action(evaluate)
}

async function evaluate(
  profileId: string | undefined,
  options: EvalOptions,
  command: Command,
): Promise<void> {
  const { dataset } = options
  if (dataset !== undefined) return runDatasetTrial({ ...options, dataset }, command)
  if (profileId === undefined) {
    throw new GatewayError('invalid_request', 'Name a profile, or a file with --dataset.')
  }
  if (options.tokens === 0) {
    throw new GatewayError('invalid_request', 'Without --dataset, --tokens must be at least 1.')
  }
  const loaded = await loadCommandConfig(options.config)
  const remark = (line: string) => writeRemark(command, line)
  const progress = createPullProgress({ writeLine: remark })
  const gateway = await openGateway(loaded, {
    environment: readEnvironment(),
    onPull: progress.show,
    onProgress: remark,
  }).finally(progress.stop)
  try {
    const { profile, model } = checkedTrial(gateway.console, profileId, options)
    const strengths = [0, ...options.strengths.filter((strength) => strength > 0)]
    const trial = gateway.console.tryStrengths(profile, {
      model: model.id,
      strengths,
      maxTokens: options.tokens,
      signal: new AbortController().signal,
    })
    const texts: TextLikelihood[] = []
    for await (const text of trial) {
      texts.push(text)
      remark(`Text ${texts.length} of ${profile.history.length} …`)
    }
    const summary = strengthSummary(strengths, texts)
    if (options.json) writeJson(command, { model: model.id, profile: profileId, ...summary })
    else for (const line of report(summary, paintFor(process.stdout))) writeLine(command, line)
  } finally {
    await gateway.close()
  }
}

/** Nothing of the profile goes to a server before its owner has allowed it. */
function checkedTrial(
  { models, profiles }: GatewayConsole,
  profileId: string,
  { model: name, sendTexts }: EvalOptions,
): { profile: Profile; model: GatewayConsole['models'][number] } {
  const model = models.find(({ id }) => name === undefined || id === name)
  if (model === undefined) {
    throw new GatewayError('model_not_found', 'The configuration has no such name in models.names.')
  }
  const profile = profiles.get(profileId)
  if (profile === undefined) {
    const message = `There is no profile "${profileId}". "costeer profiles list" shows all.`
    throw new GatewayError('profile_not_found', message)
  }
  const texts = profile.history.length
  if (texts === 0) {
    const message = `The profile "${profileId}" has no past texts to compare with. Add some under "history:".`
    throw new GatewayError('invalid_request', message)
  }
  if (model.embedded || sendTexts) return { profile, model }
  const message = `The upstream ${model.upstream} would see ${texts} past texts of the profile. Allow that with --send-texts.`
  throw new GatewayError('invalid_request', message)
}

function report({ rows, best, texts, tokens, outside }: StrengthSummary, paint: Paint): string[] {
  const line = (strength: string, nats: string, change: string) =>
    `${strength.padStart(8)}   ${nats.padStart(10)}   ${change}`
  return [
    paint('bold', line('strength', 'nats/token', 'against none')),
    ...rows.map(({ strength, nats, change, error }) => {
      const difference =
        strength === 0 ? '' : `${change > 0 ? '+' : ''}${change.toFixed(3)} ± ${error.toFixed(3)}`
      const text = line(strength.toFixed(2), nats.toFixed(3), difference)
      return strength === best ? paint('green', text) : text
    }),
    '',
    `${texts} texts, ${tokens} tokens; ${(100 * outside).toFixed(1)} % more were not among the candidates and do not count.`,
    best === 0
      ? 'No strength makes these texts likelier: this pair of models does not suit this profile.'
      : `These texts are likeliest at strength ${best}. In the configuration: steering: { strength: ${best} }`,
  ]
}

function systemList(text: string): SystemKind[] {
  const known = systemKindSchema.array().safeParse(text.split(','))
  if (known.success) return known.data
  throw new InvalidArgumentError(
    `Give some of ${systemKindSchema.options.join(', ')}, with commas between them.`,
  )
}

function countList(text: string): number[] {
  const values = text.split(',').map(Number)
  if (values.every((value) => Number.isInteger(value) && value >= 1)) return values
  throw new InvalidArgumentError('Give whole numbers from 1, with commas between them.')
}

function strengthList(text: string): number[] {
  const values = text.split(',').map(Number)
  if (values.every((value) => value >= 0 && value <= 20)) return values
  throw new InvalidArgumentError('Give numbers from 0 to 20, with commas between them.')
}
