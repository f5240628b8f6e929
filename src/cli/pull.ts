import type { Command } from 'commander'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { prepareModel, weightBits } from '../models/prepare-model.ts'
import { pullModel } from '../models/pull.ts'
import { byteSize } from './terminal/byte-size.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { createPullProgress } from './terminal/pull-progress.ts'

// A container's process 1 is deaf to the second one unless it listens
const stopSignals = ['SIGINT', 'SIGTERM'] as const

interface PullCommandOptions {
  readonly name?: string
  readonly json: boolean
  readonly prepare: boolean
}

/**
 * `costeer pull`: fetches models of the catalogue, or of repositories of the hub, and prepares their graphs.
 * Rejects with GatewayError.
 */
export function addPullCommand(program: Command): void {
  program
    .command('pull')
    .description('Fetch models, so that the gateway can start without a network.')
    .argument(
      '[names...]',
      'names of the catalogue (see "costeer models"), or repositories of the Hugging Face Hub, as OWNER/NAME, or OWNER/NAME:Q8_0 for a GGUF file of one',
      ['smollm2-135m'],
    )
    .option('-n, --name <name>', "name to call a repository's model by (default: the repository's)")
    .option('--no-prepare', 'leave building the graph to the first start')
    .option('--json', 'print the result as JSON', false)
    .action(pull)
}

async function pull(names: readonly string[], options: PullCommandOptions, command: Command): Promise<void> {
  const environment = readEnvironment()
  const { name: as } = options
  if (as !== undefined && names.length > 1)
    throw new GatewayError('invalid_request', 'With --name, pull one repository at a time.')
  const interrupt = new AbortController()
  const onInterrupt = () =>
    interrupt.abort(new GatewayError('model_unavailable', 'Interrupted. Run it again to continue.'))
  for (const name of stopSignals) process.once(name, onInterrupt)
  const progress = createPullProgress({ writeLine: (line) => writeRemark(command, line) })
  try {
    const models = []
    for (const name of names) {
      const model = await pullModel(name, {
        environment,
        signal: interrupt.signal,
        onEvent: progress.show,
        ...(as !== undefined && { as }),
      })
      if (options.prepare && model.format !== 'onnx') {
        writeRemark(command, `Preparing ${model.name} …`)
        await prepareModel(model, await weightBits('auto', model))
      }
      models.push(model)
      if (options.json) continue
      writeLine(command, `${model.name} is ready (${byteSize(model.bytes)}): ${model.path}`)
      if (name.includes('/') && model.name !== name)
        writeLine(command, `Name it in the configuration: local: { model: ${model.name} }`)
    }
    if (options.json) writeJson(command, { models })
  } finally {
    progress.stop()
    for (const name of stopSignals) process.off(name, onInterrupt)
  }
}
