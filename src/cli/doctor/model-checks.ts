import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { Config } from '../../config/schema.ts'
import type { Environment } from '../../environment.ts'
import { UPSTREAM_PRECISION } from '../../gateway/opening/prepared-models.ts'
import { type CatalogueEntry, loadCatalogue } from '../../models/catalogue.ts'
import { isModelPath, locateModel } from '../../models/files/model-at-path.ts'
import { graphFolderOf, type InstalledModel } from '../../models/model-folder.ts'
import { openChecked, weightBits } from '../../models/prepare-model.ts'
import { weightsOf } from '../../models/suggesting/model-size.ts'
import type { WeightBits } from '../../slm/graph/weight-store.ts'
import { isRemote } from '../../upstream/kinds.ts'
import { byteSize } from '../terminal/byte-size.ts'
import { shellWord } from '../terminal/shell-word.ts'
import { type Finding, failed } from './finding.ts'

/** A model that the configuration names. */
export interface NeededModel {
  /** The catalogue's name where it has one. */
  readonly name: string
  /** How many sessions load it: as the local model of this process, and for each embedded upstream. */
  readonly uses: number
  /** How many it has; 0 where nobody knows. */
  readonly weights: number
  /** Of each of them. */
  readonly bits: WeightBits
  readonly entry: CatalogueEntry | null
  /** Null when it is not on this machine. */
  readonly installed: InstalledModel | null
}

/** The models that the configuration names, as they are on this machine. Nothing is fetched. */
export async function neededModels(config: Config, { costeerHome }: Environment): Promise<NeededModel[]> {
  const catalogue = await loadCatalogue()
  const embedded = Object.values(config.upstreams).flatMap((one) => (isRemote(one) ? [] : one.model))
  const local = config.local.kind === 'embedded' ? [config.local.model] : []
  const canonical = [...local, ...embedded].map((name) => catalogue.find(name)?.name ?? name)
  const [localName] = canonical
  const precision = config.local.kind === 'embedded' ? config.local.precision : UPSTREAM_PRECISION
  return Promise.all(
    [...new Set(canonical)].map(async (name) => {
      const entry = catalogue.find(name)
      const installed = await locateModel(costeerHome, name)
      return {
        name,
        weights: await weightsOf(entry, installed),
        bits: await weightBits(name === localName ? precision : UPSTREAM_PRECISION, { name }),
        uses: canonical.filter((one) => one === name).length,
        entry: entry ?? null,
        installed,
      }
    }),
  )
}

/** Whether models can be fetched into the folder and prepared there; a complete one may be read-only. */
export async function modelFolderCheck(home: string, isComplete: boolean): Promise<Finding> {
  const check = 'model folder'
  const parent = await existing(home)
  const isFolder = (await stat(parent)).isDirectory()
  const isWritable = await access(parent, constants.W_OK).then(
    () => isFolder,
    () => false,
  )
  if (isWritable) return { check, status: 'ok', message: `${home} can be written.` }
  if (isComplete) return { check, status: 'ok', message: `${home} is read-only, and complete.` }
  return {
    check,
    status: 'fail',
    message: `${home} cannot be written, and something is missing in it.`,
    fix: `Make ${parent} writable, or set COSTEER_HOME to another folder.`,
  }
}

/** Whether a model is there and prepared. */
export async function modelCheck({ name, bits, entry, installed }: NeededModel): Promise<Finding> {
  const check = `model ${name}`
  if (installed !== null) {
    const problem = await problemOf(installed)
    if (problem !== null) return failed(check, problem)
    const isPrepared = await hasGraph(installed, bits)
    const state = isPrepared ? 'ready' : 'here; its graph is built at the first start'
    const weights = installed.format !== 'onnx' ? `, with ${bits}-bit weights` : ''
    return { check, status: 'ok', message: `${byteSize(installed.bytes)}, ${state}${weights}.` }
  }
  if (isModelPath(name)) {
    const fix =
      'Correct the path, or name a model of the catalogue. For a repository of the hub run "costeer pull OWNER/NAME", and name what that says.'
    return { check, status: 'fail', message: `There is no file or folder ${name}.`, fix }
  }
  if (entry === null) {
    return {
      check,
      status: 'fail',
      message: 'Neither in the catalogue nor on this machine.',
      fix: `Correct the name ("costeer models" lists all), or run "costeer import FILE --name ${shellWord(name)}".`,
    }
  }
  const size = entry.bytes === undefined ? 'it' : byteSize(entry.bytes)
  return {
    check,
    status: 'warn',
    message: `Not on this machine; the first start fetches ${size}.`,
    fix: `Run "costeer pull ${name}".`,
  }
}

/** What is wrong with a model that lies where it is named, and was never imported; null when nothing is. */
async function problemOf({ format, path, stamp }: InstalledModel): Promise<unknown> {
  if (stamp === undefined || format === 'onnx') return null
  return openChecked({ format, path }).then(
    (model) => model.close().then(() => null),
    (failure: unknown) => failure,
  )
}

/** Whether a start has nothing left to write beside the model. */
export async function hasGraph(model: InstalledModel, bits: WeightBits): Promise<boolean> {
  if (model.format === 'onnx') return true
  return (await stat(graphFolderOf(model, bits)).catch(() => null)) !== null
}

/** What a missing model can be fetched with. */
export async function sourceCheck({ hubOffline, hubUrl }: Environment, python = 'python3'): Promise<Finding> {
  const check = 'sources of models'
  const pip = await promisify(execFile)(python, ['-m', 'pip', '--version']).then(
    ({ stdout }) => stdout.split(' ').slice(0, 2).join(' '),
    () => null,
  )
  const hub = hubOffline ? null : `the hub${hubUrl === undefined ? '' : ` at ${hubUrl}`}`
  const found = [hub, pip].filter((source) => source !== null)
  if (found.length > 0) return { check, status: 'ok', message: `${found.join(', then ')} (not asked now).` }
  return {
    check,
    status: 'fail',
    message: `HF_HUB_OFFLINE is set and ${python} has no pip, so that no model can be fetched.`,
    fix: 'Unset HF_HUB_OFFLINE, install pip, or run "costeer import FILE".',
  }
}

/** The model that a name or alias means, where it is on this machine. */
export function installedModel(models: readonly NeededModel[], name: string): InstalledModel | null {
  const isMeant = (model: NeededModel) =>
    model.name === name ||
    model.name === name.toLowerCase() ||
    model.entry?.aliases.includes(name.toLowerCase())
  return models.find(isMeant)?.installed ?? null
}

/** The first folder, upwards from `path`, that exists. */
async function existing(path: string): Promise<string> {
  const parent = dirname(path)
  if (parent === path) return path
  return (await stat(path).catch(() => null)) === null ? existing(parent) : path
}
