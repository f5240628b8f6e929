import type { z } from 'zod'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError } from '../../gateway-error.ts'
import { NO_PROFILE } from '../../profiles/profile.ts'
import { callerSchema } from '../../proxy/caller-route.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'

/** Who this caller may be at the gateway. */
export type ChatProfiles = z.infer<typeof callerSchema>

/** Null where the gateway does not tell, as older ones. Rejects with GatewayError where none answers. */
export async function readProfiles(ask: Ask, named: string | undefined): Promise<ChatProfiles | null> {
  // With a profile of its own choice, the one that it would get does not matter
  const headers = named === undefined ? {} : { 'x-costeer-profile': NO_PROFILE }
  const response = await ask('/costeer/v1/caller', { headers }).catch((failure: unknown) => {
    if (failure instanceof GatewayError && isMissingRoute(failure)) return null
    throw failure
  })
  return response === null ? null : callerSchema.parse(await response.json())
}

/** Older gateways and other servers have no such route; a profile that is missing is another matter. */
function isMissingRoute({ message }: GatewayError): boolean {
  return /HTTP 40[45]\)/.test(message) && !message.includes('profile "')
}

/** Why a profile cannot be named; null where it can, or nobody knows. */
export function profileRefusal(id: string, profiles: ChatProfiles | null): string | null {
  if (profiles === null || id === NO_PROFILE) return null
  const ids = profiles.profiles.map((one) => one.id)
  if (ids.includes(id)) return null
  const known = ids.length === 0 ? 'There is none.' : `Take one of: ${ids.join(', ')}, ${NO_PROFILE}.`
  return `There is no profile "${id}" for this caller.${didYouMean(id, ids)} ${known}`
}

/** Whom the answers are for, as the end of a sentence; null where nobody knows. */
export function activeProfile(id: string | undefined, profiles: ChatProfiles | null): string | null {
  if (id === undefined && profiles === null) return null
  const active = id === undefined ? profiles?.profile : profiles?.profiles.find((one) => one.id === id)
  if (active != null) return `as ${active.name} (${active.id})`
  return id === undefined || id === NO_PROFILE ? 'without a profile, so answers are unsteered' : `as ${id}`
}

/** A line for each profile, the active one marked. */
export function profileLines(id: string | undefined, profiles: ChatProfiles | null): string {
  if (profiles === null) return 'The gateway does not tell its profiles.'
  const { profile, profiles: open } = profiles
  if (open.length === 0) return 'There is no profile for this caller.'
  const active = id ?? profile?.id ?? NO_PROFILE
  const width = Math.max(NO_PROFILE.length, ...open.map((one) => one.id.length))
  const lines = open.map((one) => `${one.id === active ? '*' : ' '} ${one.id.padEnd(width)}  ${one.name}`)
  return [
    ...lines,
    `${active === NO_PROFILE ? '*' : ' '} ${NO_PROFILE.padEnd(width)}  answers unsteered`,
  ].join('\n')
}

/** Throws `profile_not_found` for a profile that this caller cannot name. */
export function requireProfile(id: string | undefined, profiles: ChatProfiles | null): void {
  const refusal = id === undefined ? null : profileRefusal(id, profiles)
  if (refusal !== null) throw new GatewayError('profile_not_found', refusal)
}
