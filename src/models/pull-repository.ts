import { mkdir, rm, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { ModelFileInvalid } from '../slm/model-file-invalid.ts'
import { storageFailureCode } from '../slm/storage-failure.ts'
import type { Catalogue } from './catalogue.ts'
import { checkModel } from './check-model.ts'
import { fetchOnce } from './fetch-once.ts'
import { findModel, type InstalledModel, modelPaths, registerModel } from './model-folder.ts'
import { checkedName, givenName, nameOfFile } from './model-name.ts'
import type { PullOptions } from './pull-options.ts'
import { chooseGguf, type GgufChoice, ggufChoices } from './sources/gguf-choice.ts'
import { fetchFolderFromHub, hasSafetensors } from './sources/hub-folder.ts'
import { fetchGgufFromHub } from './sources/hub-gguf.ts'
import { type HubName, isWantedFile } from './sources/hub-name.ts'
import { type HubRepository, lookUpRepository, sayingTerms } from './sources/hub-repository.ts'
import { SourceFailure } from './sources/source-failure.ts'

interface RepositoryOptions extends PullOptions {
  readonly catalogue: Catalogue
}

/**
 * Makes a model of a repository available, under `as` or what the repository is called: the GGUF file that is
 * wanted of it, else what it has of safetensors, else the GGUF file that suits best. Returns it at once when
 * it is installed. What was received is kept for the next call, unless it is of no use. Rejects with
 * GatewayError `invalid_request` when the name is another model's, `model_file_invalid` for what cannot be
 * used, `model_unavailable` for what is not there or cannot be fetched or written, or with the signal's
 * reason.
 */
export async function pullRepository(hub: HubName, options: RepositoryOptions): Promise<InstalledModel> {
  const { environment, catalogue, as: given } = options
  const name = given === undefined ? checkedName(nameOfFile(hub.repo)) : givenName(given, catalogue)
  const find = async () => {
    const installed = await findModel(environment.costeerHome, name)
    if (installed === null || isFrom(installed, hub)) return installed
    throw new GatewayError(
      'invalid_request',
      `There is another model "${name}" already, from ${installed.source}. Choose another name with --name, or run "costeer models remove ${name}" first.`,
    )
  }
  return fetchOnce(name, { find, fetch: () => fetchRepository(hub, name, options) }, options)
}

/** Whether an installed model is what is wanted of a repository. */
function isFrom({ source }: InstalledModel, { repo, wanted }: HubName): boolean {
  const label = labelOf(repo).toLowerCase()
  if (source.toLowerCase() === label) return wanted === null
  if (!source.toLowerCase().startsWith(`${label}/`)) return false
  return wanted === null || isWantedFile(source.slice(label.length + 1), wanted)
}

async function fetchRepository(
  { repo, wanted }: HubName,
  name: string,
  options: RepositoryOptions,
): Promise<InstalledModel> {
  const { environment, onEvent, signal } = options
  const { folder: own, partialFolder, partialParts } = modelPaths(environment.costeerHome, name)
  onEvent?.({ type: 'source-start', source: labelOf(repo) })
  try {
    const repository = await lookUpRepository(repo, { environment, signal })
    const gguf = wantedGguf(repository, wanted)
    return await sayingTerms(repository, environment, () =>
      gguf === null ? fetchFolder(repository, name, options) : fetchGguf(repository, { name, gguf }, options),
    )
  } catch (error) {
    signal?.throwIfAborted()
    // A disk that is full gets back what was received, and so does one that has what is of no use.
    if (storageFailureCode(error) !== null || error instanceof ModelFileInvalid) {
      for (const partial of [partialFolder, partialParts]) await rm(partial, { recursive: true, force: true })
    }
    // Only when nothing is left in it
    await rmdir(own).catch(() => {})
    throw forPeople(error, { repo, wanted })
  }
}

/** Null for the safetensors, or for the reason why a repository is no model at all. */
function wantedGguf(repository: HubRepository, wanted: string | null): GgufChoice | null {
  if (wanted !== null) return chooseGguf(repository, wanted)
  const isGguf = !hasSafetensors(repository) && ggufChoices(repository.files.keys()).length > 0
  return isGguf ? chooseGguf(repository, null) : null
}

async function fetchFolder(
  repository: HubRepository,
  name: string,
  { environment, onEvent, signal }: RepositoryOptions,
): Promise<InstalledModel> {
  const home = environment.costeerHome
  const { partialFolder: folder } = modelPaths(home, name)
  await mkdir(folder, { recursive: true })
  const bytes = await fetchFolderFromHub(repository, { folder, environment, onEvent, signal })
  await checkModel({ format: 'safetensors', path: folder })
  const manifest = {
    name,
    format: 'safetensors',
    bytes,
    sha256: null,
    source: labelOf(repository.repo),
  } as const
  return registerModel(home, manifest, { file: folder })
}

async function fetchGguf(
  repository: HubRepository,
  { name, gguf }: { readonly name: string; readonly gguf: GgufChoice },
  { environment, onEvent, signal }: RepositoryOptions,
): Promise<InstalledModel> {
  const home = environment.costeerHome
  const { partialParts: folder } = modelPaths(home, name)
  const [file, ...others] = gguf.files
  onEvent?.({ type: 'file-chosen', file, ...othersThan(gguf, repository) })
  await mkdir(folder, { recursive: true })
  const fetched = await fetchGgufFromHub(repository, gguf, { folder, environment, onEvent, signal })
  const source = `${labelOf(repository.repo)}/${file}`
  const manifest = { name, format: 'gguf', ...fetched, source } as const
  const isSplit = others.length > 0
  const model = await registerModel(home, manifest, { file: isSplit ? folder : join(folder, basename(file)) })
  await rm(folder, { recursive: true, force: true })
  return model
}

function othersThan({ quantisation, files: [file] }: GgufChoice, { files }: HubRepository) {
  const all = ggufChoices(files.keys()).filter((choice) => choice.files[0] !== file)
  return { quantisation, others: all.map((choice) => choice.quantisation ?? choice.files[0]) }
}

function labelOf(repo: string): string {
  return `hub ${repo}`
}

function forPeople(error: unknown, { repo, wanted }: HubName): unknown {
  if (error instanceof ModelFileInvalid) {
    const file = basename(error.path)
    const isFolder = /\.(partial|parts)$/.test(file)
    const what = isFolder ? error.what : `${file}: ${error.what}`
    const message = `The repository ${repo} of the hub cannot be used: ${what}`
    return new GatewayError('model_file_invalid', message, { cause: error })
  }
  if (!(error instanceof SourceFailure)) return error
  const again = wanted === null ? repo : `${repo}:${wanted}`
  return new GatewayError(
    'model_unavailable',
    `The repository ${repo} could not be fetched from the hub: ${error.message}.\nRun "costeer pull ${again}" again to go on, or bring its files here and run "costeer import".`,
    { cause: error },
  )
}
