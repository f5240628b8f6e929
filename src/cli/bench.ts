import type { Command } from 'commander'
import type { MeasuredMode } from './bench/measured-mode.ts'
import { type BenchMode, benchModes, compareModes, type ModeComparison } from './bench/mode-comparison.ts'
import { type GatewayOptions, namedGateway } from './gateway-access/running-gateway.ts'
import { firstModel, isEmbedded } from './gateway-access/served-models.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { integerFrom } from './terminal/number-option.ts'
import { type Paint, paintFor } from './terminal/terminal-style.ts'

const ownPrompts = [
  'Write a short letter inviting a friend to dinner on Friday.',
  'Describe your ideal Sunday from morning to night.',
  'Explain to a neighbour what you do for a living, and why you like it.',
]

const EMBEDDED_REMARK =
  'The large model runs inside the gateway, where nothing is asked ahead: lookahead and token by token are one way here.'

/** Below this, lookahead does harm and not just nothing. */
const SLOWER_SHARE = 0.9
const SLOWER_ADVICE =
  'Where upstream and gateway share their cores, guesses get in the way of answers. In the configuration: steering: { lookahead: off }'

interface BenchOptions extends GatewayOptions {
  readonly model?: string
  readonly profile?: string
  readonly tokens: number
  readonly json: boolean
}

/** `costeer bench`: how fast a running gateway answers, steered and not. Rejects with GatewayError. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description(
      'Measure the running gateway: with lookahead, token by token and unsteered, greedy and one answer at a time.',
    )
    .argument('[prompts...]', 'what to ask (default: three questions)')
    .option('-u, --url <url>', "the gateway's address (default: this machine, port COSTEER_PORT or 8787)")
    .option('--api-key-env <name>', 'environment variable that holds the API key')
    .option('-m, --model <name>', 'model (default: the first that the gateway lists)')
    .option('--profile <id>', 'profile (default: what the gateway gives this caller)')
    .option('-n, --tokens <count>', 'longest answer', integerFrom(2), 64)
    .option('--json', 'print the figures as JSON', false)
    .action(bench)
}

async function bench(prompts: readonly string[], options: BenchOptions, command: Command): Promise<void> {
  const { profile, tokens } = options
  const ask = namedGateway(options)
  const model = options.model ?? (await firstModel(ask))
  const asked = prompts.length === 0 ? ownPrompts : prompts
  const comparison = await compareModes(ask, {
    model,
    profile,
    prompts: asked,
    maxTokens: tokens,
    onPrompt: (index) => writeRemark(command, `Question ${index + 1} of ${asked.length} …`),
  })
  const embedded = await isEmbedded(ask, model)
  if (embedded) writeRemark(command, EMBEDDED_REMARK)
  if (options.json) {
    writeJson(command, { model, profile: profile ?? null, prompts: asked.length, ...comparison })
    return
  }
  for (const line of table(comparison, paintFor(process.stdout))) writeLine(command, line)
  for (const line of verdict(comparison, { answers: asked.length, embedded })) writeLine(command, line)
}

const columns = ['tokens/s', 'first token', 'between tokens'] as const

function table({ modes, inFlight = {} }: ModeComparison, paint: Paint): string[] {
  const rows = [
    ...benchModes.map((mode) => [mode, ...figures(modes[mode])]),
    ...Object.entries(inFlight).map(([count, mode]) => [`lookahead, ${count} in flight`, ...figures(mode)]),
  ]
  const isPriced = Object.keys(inFlight).length > 0
  const head = ['', ...columns, ...(isPriced ? ['cost'] : [])]
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
  const note = 'milliseconds are the median, and what 95 of 100 stay below'
  return [paint('bold', line(head)), ...rows.map(line), '', paint('dim', note)]
}

function figures(mode: MeasuredMode): string[] {
  const both = (median: number, most: number) => `${ms(median)} / ${ms(most)} ms`
  return [
    mode.tokensPerSecond.toFixed(1),
    both(mode.firstTokenMs, mode.firstTokenP95),
    both(mode.p50, mode.p95),
    ...(mode.cost === undefined ? [] : [String(Number(mode.cost.toPrecision(3)))]),
  ]
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0)
}

function verdict(
  { modes, agreement }: ModeComparison,
  { answers, embedded }: { readonly answers: number; readonly embedded: boolean },
): string[] {
  const times = (mode: BenchMode) => modes[mode].msPerToken / modes.lookahead.msPerToken
  const { identicalAnswers, identicalTokens, leadsAtDifference } = agreement
  const speed = `Lookahead has ${times('token by token').toFixed(2)} times the speed of token by token, and ${times('unsteered').toFixed(2)} times that of unsteered answers.`
  const advice = !embedded && times('token by token') < SLOWER_SHARE ? [SLOWER_ADVICE] : []
  if (leadsAtDifference.length === 0) {
    return [speed, ...advice, `The text is the same in all ${answers} answers.`]
  }
  const nats = Math.max(...leadsAtDifference).toFixed(3)
  const share = (100 * identicalTokens).toFixed(1)
  return [
    speed,
    ...advice,
    `The text is the same in ${identicalAnswers} of ${answers} answers (${share} % of the tokens). Where others part, the best two tokens lie at most ${nats} nats apart; if that is little, the upstream's own rounding decides between them.`,
  ]
}
