import { readFile, writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { GatewayError } from '../gateway-error.ts'
import { type GatewayOptions, namedGateway } from './gateway-access/running-gateway.ts'
import { writeJson, writeRemark } from './terminal/command-output.ts'
import { integerFrom } from './terminal/number-option.ts'
import { requestTrace } from './trace/request-trace.ts'
import { timelineSvg } from './trace/timeline-svg.ts'
import { parseTrace, type TraceRecording } from './trace/trace-recording.ts'
import { traceTimeline } from './trace/trace-timeline.ts'

const DEFAULT_PROMPT = 'Write a short letter inviting a friend to dinner on Friday.'

interface TraceOptions extends GatewayOptions {
  readonly file?: string
  readonly model?: string
  readonly profile?: string
  readonly tokens: number
  readonly lookahead: 'auto' | 'off'
  readonly out?: string
  readonly json: boolean
}

/** `costeer trace`: shows how the tokens of one answer came about, as a timeline or as JSON. */
export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .description(
      'Draw how the tokens of one answer came about. The drawing shows what the profile does: keep it.',
    )
    .argument('[prompt]', 'what to ask the gateway', DEFAULT_PROMPT)
    .option('-f, --file <file>', 'draw a saved trace instead of asking: JSON, or a stream as it was sent')
    .option('-u, --url <url>', "the gateway's address (default: this machine, port COSTEER_PORT or 8787)")
    .option('-m, --model <name>', 'model (default: the first that the gateway lists)')
    .option('--profile <id>', 'profile (default: what the gateway gives this caller)')
    .option('-n, --tokens <count>', 'length of the answer', integerFrom(1), 48)
    .addOption(
      new Option('--lookahead <mode>', 'token by token with "off"').choices(['auto', 'off']).default('auto'),
    )
    .option('--api-key-env <name>', 'environment variable that holds the API key')
    .option('-o, --out <file>', 'SVG file to write (default: trace.svg; with --json: none)')
    .option('--json', 'print the trace as JSON', false)
    .action(trace)
}

async function trace(prompt: string, options: TraceOptions, command: Command): Promise<void> {
  const recording = await obtain(prompt, options)
  if (recording.tokens.length === 0) {
    const message =
      'No token of the answer was steered, so there is nothing to show. Choose a profile with --profile.'
    throw new GatewayError('invalid_request', message)
  }
  if (options.json) writeJson(command, recording)
  const out = options.out ?? (options.json ? null : 'trace.svg')
  if (out === null) return
  await writeFile(out, timelineSvg(traceTimeline(recording))).catch((cause: unknown) => {
    throw new GatewayError('invalid_request', `The file ${out} cannot be written.`, { cause })
  })
  writeRemark(command, `Wrote ${out}.`)
}

async function obtain(prompt: string, options: TraceOptions): Promise<TraceRecording> {
  const { file, model, profile, tokens, lookahead } = options
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new GatewayError('invalid_request', `The file ${file} cannot be read.`, { cause })
    })
    return parseTrace(text, file)
  }
  return requestTrace(namedGateway(options), { prompt, model, profile, maxTokens: tokens, lookahead })
}
