import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Logger } from 'pino'
import { sentKey } from '../guards/api-key-check.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { clientName, keyDigest, type RecentRequests } from '../recent/recent-requests.ts'
import type { Timers } from '../timers.ts'
import type { AppEnv } from './app-env.ts'
import { logRequest } from './request-log.ts'
import { RequestTracker } from './request-tracker.ts'
import type { RunningRequests } from './running-requests.ts'

export interface TrackRequestsOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly recent: RecentRequests
  readonly running: RunningRequests
  readonly timers: Timers
}

/** Gives every request a tracker, and writes its log line and metrics when its response is complete. */
export function trackRequests({
  logger,
  metrics,
  recent,
  running,
  timers,
}: TrackRequestsOptions): MiddlewareHandler<AppEnv> {
  return async function trackRequest(c, next) {
    const ended = running.begin()
    const tracker = new RequestTracker({
      requestId: c.get('requestId'),
      method: c.req.method,
      route: routePattern(c),
      timers,
      onFinish: (record, detail) => {
        ended()
        metrics.requestFinished(record)
        logRequest(logger, record)
        recent.note({
          record,
          detail,
          client: clientName(c.req.header('user-agent')),
          key: keyDigest(sentKey(c.req)),
          at: timers.unixSeconds(),
        })
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
