import { type Command, Option } from 'commander'
import { machineMemory } from '../config/machine-memory.ts'
import { loadCatalogue } from '../models/catalogue.ts'
import type { LocalPrecision } from '../models/prepare-model.ts'
import { memorySpeed } from '../models/suggesting/memory-speed.ts'
import { bestSuggestion, type Suggestion, suggestModels } from '../models/suggesting/suggest-models.ts'
import { byteSize } from './terminal/byte-size.ts'
import { writeJson, writeLine } from './terminal/command-output.ts'

const precisions = ['auto', '4', '8'] as const

interface SuggestOptions {
  readonly upstream: string
  readonly precision: (typeof precisions)[number]
  readonly json: boolean
}

/** `costeer models suggest`: local models that fit an upstream. */
export function addSuggestCommand(models: Command): void {
  models
    .command('suggest')
    .description('Name local models that fit a large model, with their size and speed on this machine.')
    .requiredOption('-u, --upstream <model>', 'what its server calls the large model, such as Qwen/Qwen3-32B')
    .addOption(
      new Option('--precision <bits>', 'bits of its weights, as local.precision has them')
        .choices(precisions)
        .default('auto'),
    )
    .option('--json', 'print JSON', false)
    .action(suggest)
}

async function suggest({ upstream, precision, json }: SuggestOptions, command: Command): Promise<void> {
  const catalogue = await loadCatalogue()
  const suggestions = suggestModels(catalogue, {
    upstream,
    bytesPerSecond: memorySpeed(),
    precision: bitsOf(precision),
  })
  const best = bestSuggestion(suggestions, { upstream, machineBytes: machineMemory().limitBytes })
  if (json) {
    writeJson(command, { upstream, best: best?.entry.name ?? null, suggestions: suggestions.map(row) })
    return
  }
  writeLine(command, headline(upstream, best))
  const width = Math.max(0, ...suggestions.map(({ entry }) => entry.name.length))
  for (const { entry, fileBytes, bits, memoryBytes, stepMs } of suggestions) {
    const figures = [
      `${byteSize(fileBytes).padStart(9)} to fetch`,
      `${byteSize(memoryBytes).padStart(9)} of memory with ${bits} bits`,
      `${Math.ceil(stepMs)} ms a token or more`,
    ]
    writeLine(command, `${entry.name.padEnd(width)}  ${figures.join('  ')}  ${entry.title}`)
  }
  if (best === undefined) return
  const own = precision === 'auto' ? '' : `, precision: ${precision}`
  writeLine(
    command,
    'The larger it is, the more of a profile comes through. The largest that is quick here, or else the smallest:',
  )
  writeLine(command, `  local: { model: ${best.entry.name}${own} }${aligned(best)}`)
  if (best.alignment === 'exact') return
  writeLine(
    command,
    'A small model of its own family fits better. On a llama-server of yours it may be of any:',
  )
  writeLine(command, `  ${SERVER} -m FILE.gguf`)
  writeLine(command, `  local: { kind: llama-cpp, url: http://127.0.0.1:${SERVER_PORT} }`)
}

function bitsOf(precision: SuggestOptions['precision']): LocalPrecision {
  if (precision === 'auto') return precision
  return precision === '4' ? 4 : 8
}

const SERVER_PORT = 8081
const SERVER = `llama-server --port ${SERVER_PORT} -np 2 -c 16384 --cache-ram 0`

function headline(upstream: string, best: Suggestion | undefined): string {
  return best?.alignment === 'exact'
    ? `These have the tokens of ${upstream}:`
    : `None is known to have the tokens of ${upstream}. With alignment: bytes and its own tokenizer any will do:`
}

function aligned({ alignment }: Suggestion): string {
  return alignment === 'exact' ? '' : ', and alignment: bytes with a tokenizer for the upstream'
}

function row({ entry, alignment, fileBytes, bits, memoryBytes, stepMs }: Suggestion) {
  const { name, title, licence, template } = entry
  return { name, title, licence, template: template ?? null, alignment, fileBytes, bits, memoryBytes, stepMs }
}
