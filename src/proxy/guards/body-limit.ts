import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ProxyError } from '../errors/proxy-error.ts'
import type { ProxyEnvironment } from '../request/proxy-environment.ts'

/**
 * Refuses bodies of more than `maxBytes`. One whose length is announced stays untouched, so that its reader takes it from
 * the socket and not from a web stream, which is slow.
 */
export function limitBody(maxBytes: number): MiddlewareHandler<ProxyEnvironment> {
  const refuse = (): never => {
    const message = `The request body is larger than server.body_limit_bytes (${maxBytes}).`
    throw new ProxyError('request_too_large', message)
  }
  const limitCounted = bodyLimit({ maxSize: maxBytes, onError: refuse })
  return async function limitAnnounced(c, next) {
    const length = c.req.header('content-length')
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
      return limitCounted(c, next)
    }
    if (Number(length) > maxBytes) refuse()
    await next()
  }
}
