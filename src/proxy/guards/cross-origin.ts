import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { AppEnv } from '../request/app-env.ts'

/** How long a browser may remember a preflight. */
const PREFLIGHT_S = 600

/** What a page may read of a reply beside its body. */
const exposeHeaders = ['retry-after', 'x-request-id', 'x-costeer-steering', 'x-costeer-ignored']

/** Whether a page of an origin may send requests to a path. */
export type OriginTest = (origin: string, path: string) => boolean

/**
 * Lets pages of `allowed` through to the models, and to nothing else: profiles stay with the playground.
 * An origin may have any scheme, since programs that are pages have their own.
 */
export function originTest(allowed: readonly string[]): OriginTest {
  const origins = new Set(allowed.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  return (origin, path) => /^\/(v1|api)\//.test(path) && origins.has(origin.toLowerCase())
}

/**
 * Answers the preflights of allowed pages, which never hold a key, and says on each of their replies that
 * they may read it.
 */
export function crossOrigin(isAllowed: OriginTest): MiddlewareHandler<AppEnv> {
  const allow = cors({
    origin: (origin) => origin,
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposeHeaders,
    maxAge: PREFLIGHT_S,
  })
  return async function allowOrigin(c, next) {
    const origin = c.req.header('origin')
    if (origin === undefined || !isAllowed(origin, c.req.path)) return next()
    // Chrome asks before a page of the web reaches this machine.
    const isPrivate = c.req.header('access-control-request-private-network') === 'true'
    const response = await allow(c, next)
    if (isPrivate) response?.headers.set('access-control-allow-private-network', 'true')
    return response
  }
}
