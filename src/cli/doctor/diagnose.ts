// This room owns the checks before a start: each finds something and says what to do. It fetches and changes
// nothing, and repeats no text of a profile.

import type { LoadedConfig } from '../../config/load-config.ts'
import type { Environment } from '../../environment.ts'
import { configuredStrength, UNTUNED_STRENGTH } from '../../gateway/opening/configured-strength.ts'
import { loadCatalogue } from '../../models/catalogue.ts'
import type { InstalledModel } from '../../models/model-folder.ts'
import { type ModelText, readModelText } from '../../models/model-text.ts'
import { wantedNode } from '../installation/own-manifest.ts'
import { type Finding, failed } from './finding.ts'
import { accessCheck, portCheck } from './listen-checks.ts'
import { localCheck } from './local-check.ts'
import { memoryCheck } from './memory-check.ts'
import {
  hasGraph,
  installedModel,
  modelCheck,
  modelFolderCheck,
  type NeededModel,
  neededModels,
  sourceCheck,
} from './model-checks.ts'
import { nodeCheck } from './node-check.ts'
import { profileChecks } from './profile-checks.ts'
import { upstreamCheck } from './upstream-check.ts'

export interface DiagnoseOptions {
  readonly environment: Environment
  readonly loadConfig: () => Promise<LoadedConfig>
  /** For each upstream. */
  readonly timeoutMs: number
}

/**
 * Checks everything that the gateway needs, one finding after the other. Fetches nothing and changes nothing.
 */
export async function* diagnose(options: DiagnoseOptions): AsyncGenerator<Finding> {
  const { environment } = options
  yield nodeCheck(wantedNode())
  let loaded: LoadedConfig
  try {
    loaded = await options.loadConfig()
  } catch (failure) {
    yield failed('configuration', failure)
    return
  }
  const { config, file, profileFolder, readableKeys } = loaded
  yield { check: 'configuration', status: 'ok', message: `${file} is valid.` }
  let models: NeededModel[]
  try {
    models = await neededModels(config, environment)
  } catch (failure) {
    yield failed('models', failure)
    return
  }
  yield* modelFindings(models, environment)
  yield memoryCheck(models, config)
  yield* await profileChecks(config, profileFolder)
  const server = { ...config.server, port: environment.port ?? config.server.port }
  yield accessCheck(server, readableKeys)
  yield await portCheck(server)
  yield* upstreamFindings(loaded, models, options)
}

async function* modelFindings(
  models: readonly NeededModel[],
  environment: Environment,
): AsyncGenerator<Finding> {
  const complete = await Promise.all(
    models.map(({ installed, bits }) => installed !== null && hasGraph(installed, bits)),
  )
  yield await modelFolderCheck(environment.costeerHome, complete.every(Boolean))
  for (const model of models) yield await modelCheck(model)
  if (models.some(({ installed }) => installed === null)) yield await sourceCheck(environment)
}

async function* upstreamFindings(
  { config }: LoadedConfig,
  models: readonly NeededModel[],
  { environment, timeoutMs }: DiagnoseOptions,
): AsyncGenerator<Finding> {
  const texts = new Map<string, Promise<ModelText>>()
  const textOf = (model: InstalledModel | null): Promise<ModelText> | null => {
    if (model === null) return null
    const reading = texts.get(model.name) ?? readModelText(model)
    texts.set(model.name, reading)
    return reading
  }
  const home = environment.costeerHome
  const {
    finding,
    name: localName,
    text,
  } = await localCheck(config.local, {
    textOf: async (model) => textOf(installedModel(models, model)),
    home,
    timeoutMs,
  })
  yield finding
  if (finding.status === 'fail') return
  const embeddedText = async (model: string) => textOf(installedModel(models, model))
  if (Object.keys(config.upstreams).length === 0) {
    yield { check: 'upstreams', status: 'fail', message: 'There is none.', fix: 'Add one to `upstreams`.' }
  }
  for (const [name, upstream] of Object.entries(config.upstreams)) {
    const { findings, model } = await upstreamCheck(name, upstream, {
      text,
      embeddedText,
      home,
      timeoutMs,
    })
    yield* findings
    if (model === null) continue
    const tuned = (await loadCatalogue()).tunedStrength({ upstream: model, local: localName })
    yield strengthFinding(
      name,
      configuredStrength(config.steering, tuned),
      tuned !== null || !isAuto(config.steering),
    )
  }
}

function isAuto({ strength, preset, expert }: LoadedConfig['config']['steering']): boolean {
  return strength === 'auto' && preset === undefined && expert === undefined
}

function strengthFinding(upstream: string, strength: number, isChosen: boolean): Finding {
  const check = `strength ${upstream}`
  if (isChosen) return { check, status: 'ok', message: `${strength}.` }
  return {
    check,
    status: 'warn',
    message: `${UNTUNED_STRENGTH}: nobody has tuned this pair of models.`,
    fix: 'Try others with "costeer chat --compare --strength X" and set steering.strength.',
  }
}
