import { z } from 'zod'
import type { Caller } from '../../gateway/answer-request.ts'
import { invalidRequest } from '../errors/invalid-request.ts'
import { sentKey } from '../guards/api-key-check.ts'
import type { AppContext } from './app-env.ts'
import { headersOf } from './headers-of.ts'

/** What a request's headers say of who sent it. */
export function senderOf(c: AppContext, userHeaders: readonly string[]) {
  return {
    apiKey: sentKey(c.req),
    users: userHeaders.flatMap((name) => c.req.header(name) ?? []),
  }
}

/** A name that no profile has counts as one: who names a profile must not get another, or none. */
const profileName = z.string().min(1)
const headerSchema = z.object({ 'x-costeer-profile': profileName.optional() })
const bodySchema = z.object({
  user: z.string().min(1).optional().catch(undefined),
  costeer: z.looseObject({ profile: profileName.nullish() }).nullish(),
})

/**
 * Who sends a request that nobody checks but for that; `sent` is what its body says, if that is known. Throws
 * `invalid_request` where it does not say which profile it means.
 */
export function passedCaller(c: AppContext, sent: unknown, userHeaders: readonly string[]): Caller {
  const { apiKey, users } = senderOf(c, userHeaders)
  const { user, costeer } = told(bodySchema, sent ?? {})
  const profile = costeer?.profile ?? told(headerSchema, headersOf(c, headerSchema))['x-costeer-profile']
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(user === undefined ? {} : { user }),
    ...(users.length === 0 ? {} : { frontEndUsers: users }),
    ...(profile === undefined ? {} : { profile }),
  }
}

function told<Value>(schema: z.ZodType<Value>, sent: unknown): Value {
  const { success, data, error } = schema.safeParse(sent)
  if (!success) throw invalidRequest(error)
  return data
}
