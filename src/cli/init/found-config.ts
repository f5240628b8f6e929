// This room owns the configuration that `costeer init` writes for a server that it found. It must not look
// for servers.
import type { Catalogue } from '../../models/catalogue.ts'
import { closestFamily, suggestModels } from '../../models/suggesting/suggest-models.ts'
import type { FoundServer } from '../../upstream/found-servers.ts'

/** A configuration for a server that runs, and what it says. */
export interface FoundConfig {
  readonly yaml: string
  /** The large model, as its server calls it. */
  readonly model: string
  /** The local model; null where none is known to have the large model's tokens. */
  readonly local: string | null
}

/**
 * The configuration for the first of the server's models that a local model fits, else for its first.
 * Profiles lie beside the file.
 */
export function foundConfig(server: FoundServer, catalogue: Catalogue): FoundConfig {
  const fitting = server.models.map((model) => ({ model, local: localFor(model, catalogue) }))
  const { model, local } = fitting.find((one) => one.local !== null) ?? {
    model: server.models[0] ?? '',
    local: null,
  }
  const unknown = [
    `# No local model is known to have the tokens of that model: see`,
    `#   costeer models suggest --upstream ${model}`,
    '# A small one of its family may run on a llama-server of yours, to which the profile goes then:',
    '#   local: { kind: llama-cpp, url: http://127.0.0.1:8081 }',
  ]
  const lines = [
    '# yaml-language-server: $schema=schema.json',
    `# Found by "costeer init". Other models there: ${others(server.models, model)}.`,
    'upstreams:',
    '  large:',
    `    kind: ${server.kind}`,
    `    url: ${server.url}`,
    `    model: ${JSON.stringify(model)}`,
    ...(server.kind === 'ollama' ? ollamaAdvice : []),
    '',
    ...(local === null ? unknown : []),
    'local:',
    `  model: ${local ?? SMALLEST}`,
    '',
    'models:',
    '  names:',
    '    costeer: large',
    '  catch_all: large',
    '',
    'profiles:',
    '  folder: profiles',
    '',
  ]
  return { yaml: lines.join('\n'), model, local }
}

const SMALLEST = 'smollm2-135m'

const ollamaAdvice = [
  '    # As many as OLLAMA_NUM_PARALLEL: more than one lets the gateway look ahead.',
  '    # max_in_flight: 4',
]

function others(models: readonly string[], chosen: string): string {
  const rest = models.filter((model) => model !== chosen).map((model) => JSON.stringify(model))
  return rest.length === 0 ? 'none' : rest.join(', ')
}

/** Of those with the same tokens the tuned one, else the smallest of its own family, else the smallest. */
function localFor(model: string, catalogue: Catalogue): string | null {
  const suggestions = suggestModels(catalogue, { upstream: model, bytesPerSecond: 1 })
  const names = suggestions.flatMap(({ entry, alignment }) => (alignment === 'exact' ? [entry.name] : []))
  const tuned = names.find((local) => catalogue.tunedStrength({ upstream: model, local }) !== null)
  return tuned ?? closestFamily(model, names)[0] ?? names[0] ?? null
}
