import { setMaxListeners } from 'node:events'
import { clientClosedRequest, type ProxyError } from '../errors/proxy-error.ts'
import type { AppContext } from './app-env.ts'

/** One request's lifetime: aborted when the client goes away or the server ends its answers. */
export interface RequestLifetime {
  /** Its reason is always a GatewayError or ProxyError. */
  readonly signal: AbortSignal
  readonly abort: (reason: ProxyError) => void
  /** Lets go of the server's signal, which outlives the request. */
  readonly release: () => void
}

/** Begins the lifetime of a request, which ends with its connection or with the gateway. */
export function requestLifetime(c: AppContext): RequestLifetime {
  const controller = new AbortController()
  // Every choice and every query below listens; that many is no leak.
  setMaxListeners(0, controller.signal)
  const client = c.req.raw.signal
  const shutdown = c.env?.server?.shutdown
  const onClient = () => controller.abort(clientClosedRequest())
  const onShutdown = () => controller.abort(shutdown?.reason)
  if (client.aborted) onClient()
  else client.addEventListener('abort', onClient, { once: true })
  if (shutdown?.aborted) onShutdown()
  else shutdown?.addEventListener('abort', onShutdown, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      client.removeEventListener('abort', onClient)
      shutdown?.removeEventListener('abort', onShutdown)
    },
  }
}
