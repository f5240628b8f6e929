import { z } from 'zod'
import type { Caller } from '../../gateway/answer-request.ts'
import { sentKey } from '../guards/api-key-check.ts'
import type { AppContext } from './app-env.ts'

/** What a request's headers say of who sent it. */
export function senderOf(c: AppContext, userHeaders: readonly string[]) {
  return {
    apiKey: sentKey(c.req),
    users: userHeaders.flatMap((name) => c.req.header(name) ?? []),
  }
}

const name = z.string().min(1).max(512).optional().catch(undefined)
const bodySchema = z.object({ user: name, costeer: z.object({ profile: name }).optional().catch(undefined) })

/** Who sends a request that nobody checks; `sent` is what its body says, if that is known. */
export function passedCaller(c: AppContext, sent: unknown, userHeaders: readonly string[]): Caller {
  const { apiKey, users } = senderOf(c, userHeaders)
  const { user, costeer } = bodySchema.safeParse(sent).data ?? {}
  const profile = costeer?.profile ?? name.parse(c.req.header('x-costeer-profile'))
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(user === undefined ? {} : { user }),
    ...(users.length === 0 ? {} : { frontEndUsers: users }),
    ...(profile === undefined ? {} : { profile }),
  }
}
