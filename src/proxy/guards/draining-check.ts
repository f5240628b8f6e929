import type { MiddlewareHandler } from 'hono'
import { GatewayError } from '../../gateway-error.ts'
import type { AppEnv } from '../request/app-env.ts'

/** Refuses new work while the server shuts down. */
export function drainingCheck(): MiddlewareHandler<AppEnv> {
  return async function refuseWhileDraining(c, next) {
    if (c.env?.server?.draining === true) {
      const message = 'The gateway is shutting down. Send the request again in a few seconds.'
      throw new GatewayError('shutting_down', message, { retryAfterSeconds: 5 })
    }
    await next()
  }
}
