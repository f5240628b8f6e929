import type { ProfileVersion } from '../../src/proxy/profile-api/profile-wire.ts'
import type { AddedTexts, ImportPreview, StoredTexts } from '../../src/proxy/profile-api/texts-wire.ts'
import { gatewayFetch, jsonBody } from './gateway-fetch.ts'

function urlOf(id: string, part: 'imports' | 'texts') {
  return `costeer/v1/profiles/${encodeURIComponent(id)}/${part}`
}

/** What a file holds for a profile; nothing is changed. `from` are the user's own mail addresses. */
export async function previewImport(
  id: string,
  file: File,
  { from, signal }: { readonly from: readonly string[]; readonly signal: AbortSignal },
): Promise<ImportPreview> {
  const query = new URLSearchParams({ name: file.name, modified: dayOf(new Date(file.lastModified)) })
  for (const address of from) query.append('from', address)
  const response = await gatewayFetch(`${urlOf(id, 'imports')}?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
    signal,
  })
  return (await response.json()) as ImportPreview
}

export interface NewText {
  readonly task: string
  readonly text: string
  readonly date?: string
}

/** Adds what the profile does not have yet: sent twice, it is there once. */
export async function addTexts(
  id: string,
  additions: {
    readonly texts: readonly NewText[]
    readonly facts?: readonly string[]
    /** `add`: what is much like another text is added all the same. */
    readonly similar: 'drop' | 'add'
  },
): Promise<AddedTexts> {
  const response = await gatewayFetch(urlOf(id, 'texts'), { method: 'POST', ...jsonBody(additions) })
  return (await response.json()) as AddedTexts
}

/** The most texts that the gateway lists at once. */
const LISTED = 200

/** All texts of a profile, those in its file and those beside it, in parts, newest first. */
export async function* listTexts(id: string): AsyncGenerator<StoredTexts> {
  let offset = 0
  for (;;) {
    const response = await gatewayFetch(`${urlOf(id, 'texts')}?offset=${offset}&limit=${LISTED}`)
    const part = (await response.json()) as StoredTexts
    yield part
    offset += LISTED
    if (offset >= part.total) return
  }
}

export async function removeText(id: string, key: string): Promise<ProfileVersion> {
  const response = await gatewayFetch(`${urlOf(id, 'texts')}/${encodeURIComponent(key)}`, {
    method: 'DELETE',
  })
  return (await response.json()) as ProfileVersion
}

/** `2024-05-31`, where the reader is. */
export function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
