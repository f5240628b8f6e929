// This room owns the page's state as signals, and what the browser keeps of it: never a profile's text.

import { signal } from '@preact/signals'
import type { ProfileEntry, ProfileList } from '../../src/proxy/profile-api/profile-wire.ts'
import type { ModelSettings, Settings } from '../../src/proxy/settings-route.ts'
import { apiKey, failureText, gatewayFetch, RequestFailure } from '../api/gateway-fetch.ts'
import { listProfiles } from '../api/profile-client.ts'
import { EMBEDDED_PENALTY, frequencyPenalty, picked, pickedModel, strength } from './controls.ts'

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'key-needed'; readonly message: string | null }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'ready'; readonly settings: Settings }

export const connection = signal<Connection>({ state: 'connecting' })
export const profiles = signal<readonly ProfileEntry[]>([])
/** Profiles that are no more and can be restored. */
export const deletedProfiles = signal<ProfileList['deleted']>([])
export const view = signal<'compare' | 'profiles' | 'models' | 'requests'>('compare')

/** The models that the gateway serves, each under the first of its names. */
export function models(): readonly ModelSettings[] {
  const { value } = connection
  if (value.state !== 'ready') return []
  const all = value.settings.models
  return all.filter(
    ({ configuredAs }, index) =>
      configuredAs === null || all.findIndex((other) => other.configuredAs === configuredAs) === index,
  )
}

/** The model that the page asks; undefined where the gateway serves none. */
export function chosenModel(): ModelSettings | undefined {
  return models().find(({ id }) => id === pickedModel.value) ?? models()[0]
}

/** What suits one model suits no other, so that another one gets its own again. */
export function pickModel(id: string): void {
  pickedModel.value = id
  strength.value = null
  frequencyPenalty.value = null
}

/** c_T of requests that name none, at the model that the page asks. */
export function defaultStrength(): number {
  return chosenModel()?.strength ?? 0.5
}

/** c_T of what is asked next. */
export function strengthInUse(): number {
  return strength.value ?? defaultStrength()
}

/** What is taken from the score of a token that the answer holds already, for each time. */
export function frequencyPenaltyInUse(): number {
  return frequencyPenalty.value ?? (chosenModel()?.embedded === true ? EMBEDDED_PENALTY : 0)
}

/** Reads settings and profiles, and chooses a first profile. */
export async function connect(): Promise<void> {
  connection.value = { state: 'connecting' }
  try {
    await refreshSettings()
    await refreshProfiles()
  } catch (error) {
    const message = failureText(error)
    const denied = error instanceof RequestFailure && error.status === 401
    connection.value = denied ? { state: 'key-needed', message } : { state: 'failed', message }
  }
}

/** Reads again what the gateway tells of itself. */
export async function refreshSettings(): Promise<void> {
  const settings = (await (await gatewayFetch('costeer/v1/settings')).json()) as Settings
  connection.value = { state: 'ready', settings }
}

/** Reads the list of profiles again. Callers that may not see it keep an empty one. */
export async function refreshProfiles(): Promise<void> {
  if (!mayEditProfiles()) return
  const { data, deleted } = await listProfiles()
  profiles.value = data
  deletedProfiles.value = deleted
  const usable = profiles.value.filter(({ summary, problems }) => summary !== '' || problems.length === 0)
  if (!usable.some(({ id }) => id === picked.value)) picked.value = usable[0]?.id ?? null
}

/** Whether the page is open by a key. */
export function isSignedIn(): boolean {
  const { value } = connection
  return value.state === 'ready' && value.settings.keyRequired && apiKey.value !== ''
}

export function mayEditProfiles(): boolean {
  const { value } = connection
  return value.state === 'ready' && value.settings.profiles.access === 'all'
}
