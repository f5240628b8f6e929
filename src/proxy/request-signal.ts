import { setMaxListeners } from 'node:events'
import type { Context } from 'hono'
import type { ProxyEnvironment } from './environment.ts'
import { clientClosedRequest, type ProxyError } from './proxy-error.ts'

/** One request's lifetime: aborted when the client goes away or the server ends its answers. */
export interface RequestSignal {
  /** Its reason is always a GatewayError or ProxyError. */
  readonly signal: AbortSignal
  readonly abort: (reason: ProxyError) => void
  /** Lets go of the server's signal, which outlives the request. */
  readonly release: () => void
}

export function requestSignal(c: Context<ProxyEnvironment>): RequestSignal {
  const controller = new AbortController()
  const released = new AbortController()
  // Every choice and every query below listens; that many is no leak.
  setMaxListeners(0, controller.signal)
  const follow = (source: AbortSignal, reason: () => unknown) => {
    const abort = () => controller.abort(reason())
    if (source.aborted) abort()
    else source.addEventListener('abort', abort, { once: true, signal: released.signal })
  }
  follow(c.req.raw.signal, clientClosedRequest)
  const shutdown = c.env?.server?.shutdown
  if (shutdown !== undefined) follow(shutdown, () => shutdown.reason)
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => released.abort(),
  }
}
