import type { MiddlewareHandler } from 'hono'
import type { Config } from '../../config/schema.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import { bearerToken, keyMatcher } from '../guards/api-key-check.ts'
import type { AppEnv } from '../request/app-env.ts'

/**
 * Whether the sender of an `Authorization` header may read and change every profile: an admin, or anyone
 * without keys.
 */
export function adminTest(keys: Config['server']['keys']): (authorization: string | undefined) => boolean {
  if (keys.length === 0) return () => true
  const isAdminKey = keyMatcher(keys.filter(({ admin }) => admin))
  return (authorization) => {
    const token = bearerToken(authorization)
    return token !== undefined && isAdminKey(token)
  }
}

/** Lets admins pass. */
export function adminCheck(isAdmin: ReturnType<typeof adminTest>): MiddlewareHandler<AppEnv> {
  return async function checkAdmin(c, next) {
    if (!isAdmin(c.req.header('authorization'))) {
      const message = 'Profiles are open to admin keys only (server.keys, with admin: true).'
      throw new ProxyError('admin_key_required', message)
    }
    await next()
  }
}
