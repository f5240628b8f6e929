import type { Profile } from '../../src/profiles/profile.ts'
import type {
  ProfileBackupEntry,
  ProfileList,
  ProfilePreview,
  ProfileVersion,
} from '../../src/proxy/profile-api/profile-wire.ts'
import { gatewayFetch, jsonBody } from './gateway-fetch.ts'

/** Something read from the gateway, with the etag that a change to it names. */
export interface Versioned<T> {
  readonly value: T
  readonly etag: string
}

const BASE = 'costeer/v1/profiles'
function urlOf(id: string) {
  return `${BASE}/${encodeURIComponent(id)}`
}
const YAML_TYPE = 'application/yaml'
function etagOf(response: Response) {
  return response.headers.get('etag') ?? '*'
}

export async function listProfiles(): Promise<ProfileList> {
  const response = await gatewayFetch(BASE)
  return (await response.json()) as ProfileList
}

export async function readProfile(id: string): Promise<Versioned<Profile>> {
  const response = await gatewayFetch(urlOf(id))
  return { value: (await response.json()) as Profile, etag: etagOf(response) }
}

export async function readProfileYaml(id: string): Promise<Versioned<string>> {
  const response = await gatewayFetch(urlOf(id), { headers: { accept: YAML_TYPE } })
  return { value: await response.text(), etag: etagOf(response) }
}

export async function createProfile(profile: Profile): Promise<void> {
  await gatewayFetch(BASE, { method: 'POST', ...jsonBody(profile) })
}

/** Rejects with code `profile_changed` when the profile is no longer the one that was read. */
export async function saveProfile({ value, etag }: Versioned<Profile>): Promise<void> {
  const { headers, ...body } = jsonBody(value)
  await gatewayFetch(urlOf(value.id), { method: 'PUT', ...body, headers: { ...headers, 'if-match': etag } })
}

export async function saveProfileYaml(id: string, { value, etag }: Versioned<string>): Promise<void> {
  const headers = { 'content-type': YAML_TYPE, 'if-match': etag }
  await gatewayFetch(urlOf(id), { method: 'PUT', headers, body: value })
}

export async function deleteProfile(id: string): Promise<void> {
  await gatewayFetch(urlOf(id), { method: 'DELETE' })
}

/** Puts the version before the last change in place, or the named backup. */
export async function restoreProfile(id: string, backup?: string): Promise<ProfileVersion> {
  const init = jsonBody(backup === undefined ? {} : { backup })
  const response = await gatewayFetch(`${urlOf(id)}/restore`, { method: 'POST', ...init })
  return (await response.json()) as ProfileVersion
}

export async function listBackups(id: string): Promise<readonly ProfileBackupEntry[]> {
  const response = await gatewayFetch(`${urlOf(id)}/backups`)
  return ((await response.json()) as { data: ProfileBackupEntry[] }).data
}

export async function previewProfile(id: string, query: string): Promise<ProfilePreview> {
  const response = await gatewayFetch(`${urlOf(id)}/preview`, { method: 'POST', ...jsonBody({ query }) })
  return (await response.json()) as ProfilePreview
}
