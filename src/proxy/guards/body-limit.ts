import type { MiddlewareHandler } from 'hono'
import { bodyLimit as countedLimit } from 'hono/body-limit'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppEnv } from '../request/app-env.ts'

/** How many bytes the body of a request to a path may have. */
export type BodyLimit = (path: string) => number

/**
 * Refuses bodies that are too large. One whose length is announced stays untouched, so that its reader takes
 * it from the socket and not from a web stream, which is slow. Others are held whole while they are counted,
 * so `usual` holds for them on every path.
 */
export function bodyLimit(limitOf: BodyLimit, usual: number): MiddlewareHandler<AppEnv> {
  const refuse = (maxBytes: number): never => {
    const setting = maxBytes === usual ? 'server.body_limit_bytes' : 'what this URL takes'
    throw new ProxyError('request_too_large', `The request body is larger than ${setting} (${maxBytes}).`)
  }
  const limitCounted = countedLimit({ maxSize: usual, onError: () => refuse(usual) })
  return async function limitAnnounced(c, next) {
    const length = c.req.header('content-length')
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
      return limitCounted(c, next)
    }
    const maxBytes = limitOf(c.req.path)
    if (Number(length) > maxBytes) refuse(maxBytes)
    await next()
  }
}
