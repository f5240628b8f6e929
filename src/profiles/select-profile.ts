import { createHash, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '../gateway-error.ts'
import { isProfileId, noProfile } from './profile.ts'

/** An API key, given as itself or as its SHA-256 in hex, and the profile id (or `none`) that it is bound to. */
export interface KeyBinding {
  readonly key?: string | undefined
  readonly sha256?: string | undefined
  /** Undefined: the key opens the gateway and binds nobody, as for a shared front end that sends `user`. */
  readonly profile?: string | undefined
}

/** Who gets which profile. Every value is a profile id or `none`. */
export interface ProfileMapping {
  readonly default?: string | undefined
  /** As soon as one key is listed, every request must carry a listed one. */
  readonly keys?: readonly KeyBinding[] | undefined
  /** By the request's `user` field. */
  readonly users?: Readonly<Record<string, string>> | undefined
  /** Lets a request name a profile other than the one its key is bound to. Default: false. */
  readonly allowHeader?: boolean | undefined
}

/** What a request says about its sender. */
export interface ProfileCaller {
  readonly apiKey?: string
  readonly user?: string
  /** Named by header or body: a profile id, or `none`. */
  readonly profile?: string
}

export interface SelectProfileOptions {
  readonly mapping: ProfileMapping
  /** Whether a profile of this id is loaded. */
  readonly exists: (id: string) => boolean
}

/**
 * The profile id for a request, null for none: the named one, else the user's, else the key's, else the default. A bound
 * key may leave its profile for `none`, and for another one only with `allowHeader`.
 * Throws `invalid_api_key`, and `profile_not_found` for a profile that is unknown or not open to the key (the same words
 * for both, so that ids cannot be probed).
 */
export function selectProfile(
  caller: ProfileCaller,
  { mapping, exists }: SelectProfileOptions,
): string | null {
  const bound = boundProfile(caller.apiKey, mapping.keys ?? [])
  const users = mapping.users ?? {}
  const ofUser =
    caller.user !== undefined && Object.hasOwn(users, caller.user) ? users[caller.user] : undefined
  const asked = caller.profile ?? ofUser
  const chosen = asked ?? bound ?? mapping.default ?? noProfile
  if (chosen === noProfile) return null

  const leavesKey = asked !== undefined && bound !== undefined && asked !== bound
  if (exists(chosen) && (!leavesKey || mapping.allowHeader === true)) return chosen
  throw profileNotFound(caller.profile, chosen)
}

function boundProfile(apiKey: string | undefined, keys: readonly KeyBinding[]): string | undefined {
  if (keys.length === 0) return undefined
  const given = sha256(apiKey ?? '')
  let match: KeyBinding | undefined
  // All keys are compared, so that the time taken does not tell which one was close.
  for (const binding of keys) {
    const matches = timingSafeEqual(given, keyHash(binding))
    if (matches && match === undefined) match = binding
  }
  if (apiKey !== undefined && match !== undefined) return match.profile
  const message =
    apiKey === undefined
      ? 'This gateway needs an API key. Send one of the configured keys as "Authorization: Bearer ...".'
      : 'The API key is not one of the configured keys. Check the client\'s key against the "keys" setting.'
  throw new GatewayError('invalid_api_key', message)
}

function keyHash({ key, sha256: hash }: KeyBinding): Buffer {
  return hash === undefined ? sha256(key ?? '') : Buffer.from(hash, 'hex')
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function profileNotFound(named: string | undefined, chosen: string): GatewayError {
  if (named === undefined) {
    const message = `The profile "${chosen}" that the configuration names for this caller is not available. Run "costeer profiles check".`
    return new GatewayError('profile_not_found', message)
  }
  const shown = isProfileId(named) ? `"${named}"` : 'that the request names'
  const message = `The profile ${shown} does not exist or is not open to this API key. Name another, "${noProfile}", or none at all.`
  return new GatewayError('profile_not_found', message, { param: 'x-costeer-profile' })
}
