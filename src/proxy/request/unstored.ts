import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './app-env.ts'

/** Nothing of the reply stays in a cache. */
export const unstored: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  c.res.headers.set('cache-control', 'no-store')
}
