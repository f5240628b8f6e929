import type { MiddlewareHandler } from 'hono'
import { bodyLimit as countedLimit } from 'hono/body-limit'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppEnv } from '../request/app-env.ts'

/**
 * Refuses bodies of more than `maxBytes`. One whose length is announced stays untouched, so that its reader
 * takes it from the socket and not from a web stream, which is slow.
 */
export function bodyLimit(maxBytes: number): MiddlewareHandler<AppEnv> {
  const refuse = (): never => {
    const message = `The request body is larger than server.body_limit_bytes (${maxBytes}).`
    throw new ProxyError('request_too_large', message)
  }
  const limitCounted = countedLimit({ maxSize: maxBytes, onError: refuse })
  return async function limitAnnounced(c, next) {
    const length = c.req.header('content-length')
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
      return limitCounted(c, next)
    }
    if (Number(length) > maxBytes) refuse()
    await next()
  }
}
