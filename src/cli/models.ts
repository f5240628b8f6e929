import type { Command } from 'commander'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { loadCatalogue } from '../models/catalogue.ts'
import { listModels, removeModel } from '../models/model-folder.ts'
import { addSuggestCommand } from './models-suggest.ts'
import { byteSize } from './terminal/byte-size.ts'
import { writeJson, writeLine } from './terminal/command-output.ts'

interface ModelRow {
  readonly name: string
  readonly aliases: readonly string[]
  readonly title: string
  readonly licence: string | null
  /** Null where only the hub knows. */
  readonly bytes: number | null
  /** Path of the file or folder; null when it is not on this machine. */
  readonly path: string | null
}

/**
 * `costeer models`: lists the catalogue and what is on this machine; `costeer models remove` deletes, and
 * `costeer models suggest` names those that fit an upstream.
 */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('List, suggest and remove models.')
  models
    .command('list', { isDefault: true })
    .description('List the models of the catalogue and those on this machine.')
    .option('--json', 'print JSON', false)
    .action(list)
  models
    .command('remove')
    .description('Delete a model from this machine.')
    .argument('<name>')
    .option('--json', 'print JSON', false)
    .action(remove)
  addSuggestCommand(models)
}

async function list(options: { readonly json: boolean }, command: Command): Promise<void> {
  const home = readEnvironment().costeerHome
  const rows = await modelRows(home)
  if (options.json) {
    writeJson(command, { home, models: rows })
    return
  }
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, title, bytes, path, licence, aliases } of rows) {
    const state = path === null ? 'not fetched' : 'ready'
    const remarks = [licence, ...aliases.map((alias) => `also "${alias}"`)].filter(
      (remark) => remark !== null,
    )
    const ending = remarks.length > 0 ? ` (${remarks.join(', ')})` : ''
    writeLine(
      command,
      `${name.padEnd(width)}  ${state.padEnd(11)}  ${(bytes === null ? '' : byteSize(bytes)).padStart(9)}  ${title}${ending}`,
    )
  }
}

async function modelRows(home: string): Promise<ModelRow[]> {
  const [catalogue, installed] = await Promise.all([loadCatalogue(), listModels(home)])
  const known = catalogue.entries.map(({ name, aliases, title, licence, bytes }) => {
    const here = installed.find((model) => model.name === name)
    return { name, aliases, title, licence, bytes: here?.bytes ?? bytes ?? null, path: here?.path ?? null }
  })
  const own = installed
    .filter(({ name }) => !catalogue.find(name))
    .map(({ name, bytes, path, source }) => ({
      name,
      aliases: [],
      title: /^hub /.test(source) ? `from the ${source}` : `imported from ${source}`,
      licence: null,
      bytes,
      path,
    }))
  return [...known, ...own]
}

async function remove(name: string, options: { readonly json: boolean }, command: Command): Promise<void> {
  const home = readEnvironment().costeerHome
  const canonical = (await loadCatalogue()).find(name)?.name ?? name
  if (await removeModel(home, canonical)) {
    if (options.json) writeJson(command, { removed: canonical })
    else writeLine(command, `Removed ${canonical}.`)
    return
  }
  throw new GatewayError(
    'model_unavailable',
    `There is no model "${name}" on this machine. "costeer models" lists them.`,
  )
}
