import { mkdir, rm, rmdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { ModelFileInvalid } from '../slm/model-file-invalid.ts'
import { storageFailureCode } from '../slm/storage-failure.ts'
import type { Catalogue } from './catalogue.ts'
import { checkModel } from './check-model.ts'
import { fetchOnce } from './fetch-once.ts'
import { findModel, type InstalledModel, modelPaths, registerModel } from './model-folder.ts'
import { checkedName, givenName, nameOfFile } from './model-name.ts'
import type { PullOptions } from './pull-options.ts'
import { fetchFolderFromHub } from './sources/hub-folder.ts'
import { SourceFailure } from './sources/source-failure.ts'

/** Whether a name could be that of a repository of the hub. */
export function isRepository(name: string): boolean {
  return /^\w[\w.-]*\/\w[\w.-]*$/.test(name)
}

interface RepositoryOptions extends PullOptions {
  readonly catalogue: Catalogue
}

/**
 * Makes the model with safetensors of a repository available, under `as` or what the repository is called:
 * returns it at once when it is installed, else fetches what is read of it. What was received is kept for the
 * next call, unless it is of no use. Rejects with GatewayError `invalid_request` when the name is another
 * model's, `model_file_invalid` for what cannot be used, `model_unavailable` for what cannot be fetched or
 * written, or with the signal's reason.
 */
export async function pullRepository(repo: string, options: RepositoryOptions): Promise<InstalledModel> {
  const { environment, catalogue, as: given } = options
  const name = given === undefined ? checkedName(nameOfFile(repo)) : givenName(given, catalogue)
  const find = async () => {
    const installed = await findModel(environment.costeerHome, name)
    if (installed === null || installed.source === labelOf(repo)) return installed
    throw new GatewayError(
      'invalid_request',
      `There is another model "${name}" already, from ${installed.source}. Choose another name with --name, or run "costeer models remove ${name}" first.`,
    )
  }
  return fetchOnce(name, { find, fetch: () => fetchRepository(repo, name, options) }, options)
}

async function fetchRepository(
  repo: string,
  name: string,
  { environment, onEvent, signal }: RepositoryOptions,
): Promise<InstalledModel> {
  const home = environment.costeerHome
  const { folder: own, partialFolder: folder } = modelPaths(home, name)
  const source = labelOf(repo)
  onEvent?.({ type: 'source-start', source })
  try {
    await mkdir(folder, { recursive: true })
    const bytes = await fetchFolderFromHub(repo, { folder, environment, onEvent, signal })
    await checkModel({ format: 'safetensors', path: folder })
    const manifest = { name, format: 'safetensors', bytes, sha256: null, source } as const
    return await registerModel(home, manifest, { file: folder })
  } catch (error) {
    signal?.throwIfAborted()
    // A disk that is full gets back what was received, and so does one that has what is of no use.
    if (storageFailureCode(error) !== null || error instanceof ModelFileInvalid) {
      await rm(folder, { recursive: true, force: true })
      await rmdir(own).catch(() => {})
    }
    throw forPeople(error, { repo, folder })
  }
}

function labelOf(repo: string): string {
  return `hub ${repo}`
}

function forPeople(
  error: unknown,
  { repo, folder }: { readonly repo: string; readonly folder: string },
): unknown {
  if (error instanceof ModelFileInvalid) {
    const file = relative(folder, error.path)
    const what = file === '' ? error.what : `${file}: ${error.what}`
    const message = `The repository ${repo} of the hub cannot be used: ${what}`
    return new GatewayError('model_file_invalid', message, { cause: error })
  }
  if (!(error instanceof SourceFailure)) return error
  return new GatewayError(
    'model_unavailable',
    `The repository ${repo} could not be fetched from the hub: ${error.message}.\nRun "costeer pull ${repo}" again to go on, or bring its files here and run "costeer import FOLDER".`,
    { cause: error },
  )
}
