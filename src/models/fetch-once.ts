import { mkdir } from 'node:fs/promises'
import { storageFailure } from '../slm/storage-failure.ts'
import { type InstalledModel, modelPaths } from './model-folder.ts'
import { withModelLock } from './model-lock.ts'
import type { PullOptions } from './pull-options.ts'

interface WantedModel {
  /** Looks for it on this machine. */
  readonly find: () => Promise<InstalledModel | null>
  /** Brings it; its folder is there. */
  readonly fetch: () => Promise<InstalledModel>
}

/**
 * The model that is on this machine, else what `fetch` brings: of several processes one fetches it, and the
 * others wait. Rejects with GatewayError `model_unavailable` when it cannot be written, or as its parts do.
 */
export async function fetchOnce(
  name: string,
  { find, fetch }: WantedModel,
  { environment, onEvent, signal }: PullOptions,
): Promise<InstalledModel> {
  const installed = await find()
  if (installed) return installed
  const { lock, folder } = modelPaths(environment.costeerHome, name)
  const bring = async () => {
    const meanwhile = await find()
    if (meanwhile) return meanwhile
    await mkdir(folder, { recursive: true })
    return fetch()
  }
  const onWait = () => onEvent?.({ type: 'waiting-for-other-process' })
  return withModelLock(lock, bring, { signal, onWait }).catch((error: unknown) => {
    throw storageFailure(error, folder)
  })
}
