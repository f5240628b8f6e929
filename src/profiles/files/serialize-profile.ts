import { isDeepStrictEqual } from 'node:util'
import { Document, isMap, parseDocument } from 'yaml'
import type { Profile } from '../profile.ts'
import { parseProfile, profileYaml } from './parse-profile.ts'

/** The order of keys in a file. */
const keys = [
  'id',
  'name',
  'private',
  'facts',
  'preferences',
  'writing_style',
  'about',
  'history',
] as const satisfies readonly (keyof Profile)[]

/**
 * A profile as the YAML that `parseProfile` reads back to an equal one. Given the file's previous text, keys
 * whose value stays keep their layout and comments.
 */
export function serializeProfile(profile: Profile, previous?: string): string {
  const old = previous === undefined ? null : parseProfile(previous, '')
  const kept = previous !== undefined && old?.ok === true ? parseDocument(previous, profileYaml) : null
  const document = isMap(kept?.contents) ? kept : new Document({}, profileYaml)
  for (const key of keys) {
    const value = profile[key]
    if (value.length === 0) document.delete(key)
    else if (!document.has(key) || !old?.ok || !isDeepStrictEqual(value, old.profile[key])) {
      document.set(key, document.createNode(value))
    }
  }
  return document.toString({ lineWidth: 100, blockQuote: 'literal' })
}
