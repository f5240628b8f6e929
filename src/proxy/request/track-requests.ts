import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Logger } from 'pino'
import type { Metrics } from '../metrics/metrics.ts'
import type { Timers } from '../timers.ts'
import type { AppEnv } from './app-env.ts'
import { logRequest } from './request-log.ts'
import { RequestTracker } from './request-tracker.ts'

export interface TrackRequestsOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly timers: Timers
}

/** Gives every request a tracker, and writes its log line and metrics when its response is complete. */
export function trackRequests({ logger, metrics, timers }: TrackRequestsOptions): MiddlewareHandler<AppEnv> {
  return async function trackRequest(c, next) {
    const tracker = new RequestTracker({
      requestId: c.get('requestId'),
      method: c.req.method,
      route: routePattern(c),
      timers,
      onFinish: (record) => {
        metrics.requestFinished(record)
        logRequest(logger, record)
      },
    })
    c.set('tracker', tracker)
    metrics.requestStarted()
    await next()
    if (!tracker.finishesLater) tracker.finish(c.res.status)
  }
}

/**
 * The route in OpenAPI's notation. Unknown paths share one name: they are the client's words, and endless.
 */
function routePattern(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL')
  if (route === undefined) return c.req.path.startsWith('/v1/') ? '/v1/*' : 'unmatched'
  return route.path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')
}
