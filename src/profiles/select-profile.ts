import { createHash, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '../gateway-error.ts'
import { isProfileId, NO_PROFILE } from './profile.ts'

/**
 * An API key, given as itself or as its SHA-256 in hex, and the profile id (or `none`) that it is bound to.
 */
interface KeyBinding {
  readonly key?: string | undefined
  readonly sha256?: string | undefined
  /** Undefined: the key opens the gateway and binds nobody, as for a shared front end that sends `user`. */
  readonly profile?: string | undefined
  /** An admin key may read every profile, so it may also use every profile. */
  readonly admin?: boolean | undefined
  /** Whether headers that come with this key may say who asks. Default: false. */
  readonly user_headers?: boolean | undefined
}

/** Who gets which profile. Every value is a profile id or `none`. */
export interface ProfileMapping {
  readonly default?: string | undefined
  /** As soon as one key is listed, every request must carry a listed one. */
  readonly keys?: readonly KeyBinding[] | undefined
  /** By the request's `user` field, or by the headers of a front end. */
  readonly users?: Readonly<Record<string, string>> | undefined
  /** Whether a request may name a profile other than the one it would get anyway. Default: true. */
  readonly allowHeader?: boolean | undefined
}

/** What a request says about its sender. */
export interface ProfileCaller {
  readonly apiKey?: string
  readonly user?: string
  /** What the headers say that a front end sends for its users; the first that is mapped counts. */
  readonly frontEndUsers?: readonly string[]
  /** Named by header or body: a profile id, or `none`. */
  readonly profile?: string
}

export interface SelectProfileOptions {
  readonly mapping: ProfileMapping
  /** Whether a profile of this id is loaded. */
  readonly exists: (id: string) => boolean
}

/**
 * The profile id for a request, null for none: the one it names, else the user's, else the key's, else
 * the default. Where a trusted front end says who asks, `user` counts no more: its users may have written
 * that. With keys, a front end is trusted when its own says so; without any, as everybody on this machine
 * is. A request may always decline its profile with `none`; one whose key is bound to a profile gets no
 * other (unless the key is an admin's). Throws `invalid_api_key`, and `profile_not_found` for a profile
 * that is unknown or not open to the caller (the same words for both, so that ids cannot be probed).
 */
export function selectProfile(
  caller: ProfileCaller,
  { mapping, exists }: SelectProfileOptions,
): string | null {
  const { given, isOpen } = rightsOf(caller, mapping)
  const chosen = caller.profile ?? given
  if (chosen === NO_PROFILE) return null
  if (isOpen(chosen) && exists(chosen)) return chosen
  throw profileNotFound(caller.profile, chosen)
}

/** Those of `ids` that the caller may name. Throws `invalid_api_key`. */
export function openProfiles(
  caller: ProfileCaller,
  { mapping, ids }: { readonly mapping: ProfileMapping; readonly ids: readonly string[] },
): string[] {
  return ids.filter(rightsOf(caller, mapping).isOpen)
}

/** The profile that a caller gets without naming one, and which the caller may name. */
function rightsOf(caller: ProfileCaller, mapping: ProfileMapping) {
  const key = findKey(caller.apiKey, mapping.keys ?? [])
  const bound = key?.profile
  const isTrusted = key === undefined || key.user_headers === true
  const given = userProfile(caller, isTrusted, mapping.users ?? {}) ?? bound ?? mapping.default ?? NO_PROFILE
  const isOpen = (id: string) =>
    key?.admin === true ||
    ((bound === undefined || id === bound) && (mapping.allowHeader !== false || id === given))
  return { given, isOpen }
}

function userProfile(
  { user, frontEndUsers = [] }: ProfileCaller,
  isTrusted: boolean,
  users: Readonly<Record<string, string>>,
): string | undefined {
  const told = isTrusted && frontEndUsers.length > 0 ? frontEndUsers : [user ?? '']
  const mapped = told.find((name) => Object.hasOwn(users, name))
  return mapped === undefined ? undefined : users[mapped]
}

function findKey(apiKey: string | undefined, keys: readonly KeyBinding[]): KeyBinding | undefined {
  if (keys.length === 0) return undefined
  if (apiKey === undefined || apiKey === '') {
    const message =
      'This gateway needs an API key. Send one of the configured keys as "Authorization: Bearer ...".'
    throw new GatewayError('invalid_api_key', message)
  }
  const given = sha256(apiKey)
  let match: KeyBinding | undefined
  // All keys are compared, so that the time taken does not tell which one was close.
  for (const binding of keys) {
    const matches = timingSafeEqual(given, keyHash(binding))
    if (matches && match === undefined) match = binding
  }
  if (match !== undefined) return match
  const message =
    'The API key is not one of the configured keys. Compare it with `server.keys` of the configuration.'
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
    const message = `The configuration gives this caller the profile "${chosen}", which is not available to it. Run "costeer profiles check".`
    return new GatewayError('profile_not_found', message)
  }
  const shown = isProfileId(named) ? `The profile "${named}"` : 'The profile that the request names'
  const message = `${shown} does not exist or is not open to this caller. Name another, "${NO_PROFILE}", or none at all.`
  return new GatewayError('profile_not_found', message, { param: 'x-costeer-profile' })
}
