// This room owns what every request passes before its route. It must not know what the routes do.
import type { Context } from 'hono'
import { requestId } from 'hono/request-id'
import type { Config } from '../../config/schema.ts'
import { largeBodyBytes } from '../profile-api/large-bodies.ts'
import type { App, AppEnv } from '../request/app-env.ts'
import { type TrackRequestsOptions, trackRequests } from '../request/track-requests.ts'
import { apiKeyCheck } from './api-key-check.ts'
import { bodyLimit } from './body-limit.ts'
import { crossOrigin, originTest } from './cross-origin.ts'
import { decodedBody } from './decoded-body.ts'
import { drainingCheck } from './draining-check.ts'
import { hostCheck } from './host-check.ts'
import { methodCheck } from './method-check.ts'

export interface GuardOptions extends TrackRequestsOptions {
  readonly server: Config['server']
  /** The response to a failure. */
  readonly fail: (error: unknown, c: Context<AppEnv>) => Response
}

/** Puts the guards in front of all routes, in this order. */
export function addGuards(app: App, { server, fail, ...tracking }: GuardOptions): void {
  app.use(requestId({ limitLength: 128 }))
  app.use(trackRequests(tracking))
  app.use(hostCheck(server))
  app.use(crossOrigin(originTest(server.allowed_origins)))
  app.use(apiKeyCheck(server.keys))
  app.use(methodCheck(app, fail))
  app.use('/v1/*', drainingCheck())
  app.use('/api/*', drainingCheck())
  const usual = server.body_limit_bytes
  const limitOf = (path: string) => Math.max(usual, largeBodyBytes(path) ?? 0)
  app.use(bodyLimit(limitOf, usual))
  app.use(decodedBody(limitOf))
}
