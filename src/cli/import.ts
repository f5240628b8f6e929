import type { Command } from 'commander'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { importModel } from '../models/import.ts'
import { findOllamaModel } from '../models/sources/ollama-store.ts'
import { anyFamily } from '../slm/families/families.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'

// A second one ends the process at once: nothing is registered before the end
const stopSignals = ['SIGINT', 'SIGTERM'] as const

interface ImportCommandOptions {
  readonly name?: string
  readonly replace: boolean
  readonly prepare: boolean
  readonly json: boolean
}

/** `costeer import`: registers a model file of the user's own. Rejects with GatewayError. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description(
      `Add a model of your own: a GGUF file or a folder with safetensors (${anyFamily}), or a folder in the onnx-community layout.`,
    )
    .argument('<path>', 'the file or folder, which is linked or copied, or `ollama:NAME`')
    .option('-n, --name <name>', "name to call it by (default: the file's)")
    .option('--replace', 'replace a model of that name', false)
    .option('--no-prepare', 'leave building the graph to the first start')
    .option('--json', 'print the result as JSON', false)
    .action(importCommand)
}

async function importCommand(path: string, options: ImportCommandOptions, command: Command): Promise<void> {
  const interrupt = new AbortController()
  const onInterrupt = () =>
    interrupt.abort(new GatewayError('model_unavailable', 'Interrupted. Nothing was added.'))
  for (const name of stopSignals) process.once(name, onInterrupt)
  try {
    const { costeerHome: home, ollamaModels } = readEnvironment()
    const [, ofOllama] = /^ollama:(.+)$/.exec(path) ?? []
    const found = ofOllama === undefined ? null : await findOllamaModel(ofOllama, ollamaModels)
    const name = options.name ?? found?.name.toLowerCase()
    const model = await importModel(found?.file ?? path, {
      home,
      replace: options.replace,
      prepare: options.prepare,
      onPrepare: (name) => writeRemark(command, `Preparing ${name} …`),
      signal: interrupt.signal,
      ...(name !== undefined && { name }),
    })
    if (options.json) writeJson(command, model)
    else
      writeLine(
        command,
        `${model.name} is ready. Name it in the configuration: local: { model: ${model.name} }`,
      )
  } finally {
    for (const name of stopSignals) process.off(name, onInterrupt)
  }
}
