import type { MiddlewareHandler } from 'hono'
import type { Config } from '../../config/schema.ts'
import { isLoopback, loopbackNames } from '../../upstream/http/loopback.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppEnv } from '../request/app-env.ts'
import { probePaths } from '../status-route.ts'
import { originTest } from './cross-origin.ts'

const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i

/**
 * Refuses requests that a web page could have sent here: by pointing its own name at this address (DNS
 * rebinding; the Host header then holds that name), or across origins (the Origin header is then neither ours
 * nor one that the configuration lists). A server that listens wider and names no allowed hosts takes any
 * Host header, because a rebinding page does not know the key it needs.
 */
export function hostCheck({
  host,
  allowed_hosts,
  allowed_origins,
}: Pick<Config['server'], 'host' | 'allowed_hosts' | 'allowed_origins'>): MiddlewareHandler<AppEnv> {
  const anyHost = !isLoopback(host) && allowed_hosts.length === 0
  const allowed = new Set([...loopbackNames, ...allowed_hosts].map((name) => name.toLowerCase()))
  if (isLoopback(host)) allowed.add(host.toLowerCase())
  const mayCross = originTest(allowed_origins)
  return async function checkHost(c, next) {
    const sent = c.req.header('host') ?? new URL(c.req.url).host
    const name = sent.match(HOST)?.[1]?.toLowerCase()
    // Probes of a container runtime come with the container's address, and reveal nothing.
    if (!probePaths.has(c.req.path) && !anyHost && (name === undefined || !allowed.has(name))) {
      const message = 'The Host header does not name this server. server.allowed_hosts lists further names.'
      throw new ProxyError('host_not_allowed', message)
    }
    const origin = c.req.header('origin')
    if (origin !== undefined && !isSameOrigin(origin, sent) && !mayCross(origin, c.req.path)) {
      const message =
        'Requests from web pages of other origins are not allowed. server.allowed_origins lists those that may use /v1.'
      throw new ProxyError('origin_not_allowed', message)
    }
    await next()
  }
}

/** The scheme is left out of the comparison: a proxy in front of us may have taken TLS off. */
function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}
