import type { MiddlewareHandler } from 'hono'
import type { Config } from '../../config/schema.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppEnv } from '../request/app-env.ts'
import { keyMatcher, sentKey } from './api-key-check.ts'

/** Whether the sender of a request may read and change every profile: an admin, or anyone without keys. */
export function adminTest(
  keys: Config['server']['keys'],
): (request: Parameters<typeof sentKey>[0]) => boolean {
  if (keys.length === 0) return () => true
  const isAdminKey = keyMatcher(keys.filter(({ admin }) => admin))
  return (request) => {
    const token = sentKey(request)
    return token !== undefined && isAdminKey(token)
  }
}

/** Lets admins pass; `what` names in the refusal what is closed to others. */
export function adminCheck(
  isAdmin: ReturnType<typeof adminTest>,
  what: 'Profiles' | 'Models',
): MiddlewareHandler<AppEnv> {
  return async function checkAdmin(c, next) {
    if (!isAdmin(c.req)) {
      const message = `${what} are open to admin keys only (server.keys, with admin: true).`
      throw new ProxyError('admin_key_required', message)
    }
    await next()
  }
}
